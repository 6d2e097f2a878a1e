"""``python -m testkit``."""

from testkit.cli import main

main(prog_name="python -m testkit")
