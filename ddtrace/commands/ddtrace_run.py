"""Run a program with tracing, and no change to it: ``ddtrace-run python app.py``.

The command takes the place of ``ddtrace-run``, with its process id, signals and exit code. If it is a Python program
it is traced, and so are those of its children that are: PYTHONPATH leads them to ``ddtrace.bootstrap.sitecustomize``,
which says what does not work that way.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from typing import NoReturn, Sequence

from ddtrace import bootstrap
from ddtrace.version import __version__

__all__ = ["main"]

EPILOG = """\
examples:
  ddtrace-run python app.py
  DD_SERVICE=shop DD_ENV=prod ddtrace-run gunicorn shop:app
"""

UWSGI = """\
ddtrace-run: uWSGI does not start Python as other programs do, and its workers may not be traced. Run it without
ddtrace-run, with these options: --enable-threads --lazy-apps --import=ddtrace.auto"""

NO_PROFILER = "ddtrace-run: DD_PROFILING_ENABLED is set for the program, but this tracer has no profiler"


def main() -> NoReturn:
    """Replace this process by the command that the arguments name; exits with 1 where that cannot be."""
    parser = _make_parser()
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    environment = _environment(arguments.debug, arguments.profiling)
    if arguments.info:
        command = [sys.executable, "-m", "ddtrace.commands.info", *["--colorless"] * arguments.colorless]
    if not command:
        parser.print_help()
        sys.exit(1)
    _replace_by(command, environment, parser)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ddtrace-run",
        description="Run a command with tracing.",
        usage="ddtrace-run [options] <command>",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # What is short for an option of ours may be one of the command's.
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("command", nargs=argparse.REMAINDER, metavar="<command>", help="the program and its arguments")
    add("-d", "--debug", action="store_true", help="log what the tracer does (DD_TRACE_DEBUG=true)")
    add("-i", "--info", action="store_true", help="print what the tracer is set to, and end")
    add("-p", "--profiling", action="store_true", help="set DD_PROFILING_ENABLED=true; this tracer has no profiler")
    add("-v", "--version", action="version", version=f"%(prog)s {__version__}")
    add("-nc", "--colorless", action="store_true", help="print without colors")
    return parser


def _environment(is_debugged: bool, is_profiled: bool) -> dict[str, str]:
    environment = dict(os.environ)
    if is_debugged:
        environment["DD_TRACE_DEBUG"] = "true"
    if is_profiled:
        environment["DD_PROFILING_ENABLED"] = "true"
        print(NO_PROFILER, file=sys.stderr)
    folder = os.path.dirname(bootstrap.__file__)
    path = environment.get("PYTHONPATH", "")
    # Under another ddtrace-run it is there. Python takes an empty part for the current folder, so none may be added.
    if path.partition(os.pathsep)[0] != folder:
        environment["PYTHONPATH"] = os.pathsep.join([folder, path]) if path else folder
    return environment


def _replace_by(command: Sequence[str], environment: dict[str, str], parser: argparse.ArgumentParser) -> NoReturn:
    name = command[0]
    executable = shutil.which(name) or (name if os.path.exists(name) else None)
    if executable is None:
        print(f"ddtrace-run: failed to find executable '{name}'.\n")
        parser.print_usage()
        sys.exit(1)
    if os.path.basename(executable) == "uwsgi":
        print(UWSGI, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(executable, command, environment)
    except PermissionError:
        print(f"ddtrace-run: permission denied to run '{name}'. Did you mean `ddtrace-run python {name}`?")
    except OSError as error:
        print(f"ddtrace-run: failed to run '{name}': {error.strerror}. Does it begin with `#!`?")
    sys.exit(1)


if __name__ == "__main__":
    main()
