"""What tracing costs, beside the peers in the same run, as ratios.

::

    python -m benchmarks                                   all rows, all peers
    python -m benchmarks --rows c,d,g-redis --peers otel,dd1 --rounds 5
    python -m benchmarks --json run.json --markdown run.md
    python -m benchmarks --tiny                            does everything still run? The figures mean nothing
    python -m benchmarks --tiny --peers none --own-python "$(which python)"    the same without the network

Any Python from 3.11 on, with nothing but its standard library, starts it from the repository's root; what a contestant
needs is installed by pip into an environment of its own, once, below ``$XDG_CACHE_HOME`` (``~/.cache``).
The suite runs the last of these commands (``tests/benchmarks``). A machine with a package index can run the one
above it, which measures a tiny round of every peer.

Figures of one run compare; those of two runs do not: the machine may be another one by then, even where it has the
same name. So each row is measured in all contestants at once, by turns, a repeat each. A repeat stands between two
runs of a fixed loop; where the loop was slowed, the repeat is thrown away, and the output says how many were.
A figure is the minimum of the others, over several processes.

===================  ==================================================================================
``rows.py``          the rows: what is measured, in which unit, and (``targets.py``) what is to be reached
``contestants/``     one adapter a contestant (``<name>.py``) and what it needs (``<name>.txt``); they and
                     ``works.py``, which holds one function a row, run inside the contestant's environment
``environments.py``  the environments
``servers.py``       what the contestants talk to: an agent (``sink.py``) and a Redis server
``processes.py``     one process that repeats one work when it is asked to
``drive.py``         takes turns
``figures.py``       repeats to figures
``report.py``        all that a run found; ``table.py`` makes tables of it
===================  ==================================================================================

To add a row: a function in ``contestants/works.py`` and a line in ``rows.py``. To add a peer: two files in
``contestants/``.
"""
