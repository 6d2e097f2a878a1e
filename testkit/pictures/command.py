"""``python -m testkit trace``: run a program, and see what it traces."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import click
from rich.console import Console

from testkit.collector import collector
from testkit.options import OutputFile
from testkit.pictures import drawing, page, tree
from testkit.pictures.live import live_page
from testkit.pictures.received import Received, View
from testkit.pictures.running import exit_status, in_words, run_traced
from testkit.snapshots.files import write_whole

ADVICE = """\
Check that
- the program is a Python program, or starts one, whose Python has ddtrace: python -c 'import ddtrace'
- it uses a library that is traced, or makes spans itself; `ddtrace-run --info` names the integrations
- nothing keeps the tracer away, such as DD_TRACE_ENABLED=false, or Python's options -S, -E and -I
- it does not name an agent itself, with tracer.configure()
- it ends by itself: one that is killed, or calls os._exit(), may not have sent its last traces"""

_WIDTH = 160


class NoProgram(click.ClickException):
    """There is nothing to run; a shell exits with the same status."""

    exit_code = 127


class NotExecutable(click.ClickException):
    """There is a file, but no program; a shell exits with the same status."""

    exit_code = 126


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--html", type=OutputFile(), help="Write one page there, which needs no network.")
@click.option("--svg", type=OutputFile(), help="Write a picture there, such as for a pull request.")
@click.option("--serve", is_flag=True, help="Serve a page on this machine that fills while spans come, until Ctrl-C.")
def trace(program: tuple[str, ...], html: Path | None, svg: Path | None, serve: bool) -> None:
    """Run PROGRAM with its arguments, as ddtrace-run does, and show its traces once it has ended.

    They go to this command, and to no agent. The program's input, output and exit status stay its own: all that is
    shown is written to the standard error.
    """
    outputs = {path: render for path, render in ((html, page.render), (svg, drawing.render)) if path is not None}
    if html is not None and html == svg:
        raise click.UsageError(f"--html and --svg are both {html}; expected two files")
    _require_program(program[0])
    if os.environ.get("DD_TRACE_AGENT_URL"):
        _say("DD_TRACE_AGENT_URL is set, and left aside: this run's traces are shown here, and not sent to it")
    received = Received()
    with ExitStack() as held:
        url = held.enter_context(collector(received.take))
        if serve:
            _say(f"traces: {held.enter_context(live_page(received))}")
        ended = run_traced(program, url)
        received.end(in_words(ended))
        view = received.view()
        _show(view)
        status = exit_status(ended)
        for path, render in outputs.items():
            status = _write(path, render(view)) or status
        if serve:
            _serve_until_interrupt()
    sys.exit(status)


def _require_program(name: str) -> None:
    if shutil.which(name) is not None:
        return
    if os.path.isfile(name):
        hint = f"python {name}" if name.endswith(".py") else f"chmod +x {name}"
        raise NotExecutable(f"{name} is not executable; did you mean `{hint}`?")
    raise NoProgram(f"there is no program {name!r}, neither here nor in a folder of PATH")


def _show(view: View) -> None:
    Console(stderr=True, width=None if sys.stderr.isatty() else _WIDTH).print(tree.render(view))
    if not view.traces:
        _say(ADVICE)


def _write(path: Path, text: str) -> int:
    """Write a file; an exit status of its own where that fails."""
    try:
        write_whole(path, text)
    except OSError as error:
        _say(f"{path} was not written: {error.strerror}")
        return 1
    _say(f"wrote {path}")
    return 0


def _say(text: str) -> None:
    click.echo(text, err=True)


def _serve_until_interrupt() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _say("the page is served until Ctrl-C")
        threading.Event().wait()
