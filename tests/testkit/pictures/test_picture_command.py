"""``python -m testkit trace``, in real processes."""

import os
import re
import signal
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from testkit.fixtures.plain_http import ask
from tests.agent import agent_on_tcp
from tests.programs import REPOSITORY, TIMEOUT_S

TRACE = "from ddtrace import tracer; tracer.trace('work', resource='a <b>').finish(); "
KEPT_APART = {"DD_TRACE_AGENT_URL", "DD_TRACE_ENABLED"}


def command(*arguments, **variables):
    """What starts the command as a program of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in KEPT_APART}
    return {
        "args": [sys.executable, "-m", "testkit", "trace", *map(str, arguments)],
        "env": {**inherited, "PYTHONPATH": REPOSITORY, **variables},
        "text": True,
    }


def run(*arguments, typed="", **variables):
    """The command, run to its end."""
    return subprocess.run(**command(*arguments, **variables), input=typed, capture_output=True, timeout=TIMEOUT_S)


def python(source):
    """A program of this Python."""
    return sys.executable, "-c", source


@pytest.fixture
def start():
    """Starts the command; kills it after the test where it still runs."""
    started = []

    def begin(*arguments, **variables):
        started.append(
            subprocess.Popen(
                **command(*arguments, **variables),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
            )
        )
        return started[-1]

    yield begin
    for each in started:
        try:
            os.killpg(each.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        each.communicate()


def test_streams_are_the_program_s():
    """What it reads and prints goes through unchanged; the tree comes after it, on the standard error."""
    source = TRACE + "import sys; data = sys.stdin.read(); print(data.upper()); print('told', file=sys.stderr)"

    ended = run(*python(source), typed="in")

    assert ended.stdout == "IN\n"
    told, tree, _, total = ended.stderr.splitlines()
    assert told == "told" and tree.startswith('work "a <b>"') and total.strip() == "1 trace, 1 span"


@pytest.mark.parametrize("status", [0, 3, 255])
def test_the_exit_status_is_the_program_s(status):
    """A script that runs the program through the command sees no difference."""
    assert run(*python(TRACE + f"raise SystemExit({status})")).returncode == status


def test_a_program_that_a_signal_ended():
    """A shell's status for it, and what it had sent before."""
    source = TRACE + "import os; tracer.flush(); os.kill(os.getpid(), 9)"

    ended = run(*python(source))

    assert ended.returncode == 128 + signal.SIGKILL
    assert "1 trace, 1 span" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_on(start, number):
    """Whoever ends the command ends the program, which may have its last word."""
    source = TRACE + f"import signal, sys; signal.signal({int(number)}, lambda *_: sys.exit(7)); print(1, flush=True)"
    running = start(*python(source + "; signal.pause()"))
    running.stdout.readline()

    running.send_signal(number)
    _, told = running.communicate(timeout=TIMEOUT_S)

    assert running.returncode == 7 and "1 trace, 1 span" in told


def test_an_interrupt_is_the_program_s(start):
    """Ctrl-C reaches both; the command waits for the program, and shows what it traced."""
    source = (
        TRACE
        + "import signal\ntry: print(1, flush=True); signal.pause()\nexcept KeyboardInterrupt: raise SystemExit(5)"
    )
    running = start(*python(source))
    running.stdout.readline()

    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=TIMEOUT_S)

    assert running.returncode == 5 and "1 trace, 1 span" in told


def test_an_ignored_interrupt_stays_ignored():
    """A program in the background is not ended by the Ctrl-C of another."""
    source = TRACE + "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    parts = command(*python(source))
    parts["args"] = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *parts["args"]]

    ended = subprocess.run(**parts, capture_output=True, timeout=TIMEOUT_S)

    assert ended.stdout == "True\n"


def test_other_descriptors_are_the_program_s():
    """A shell may have given it more than three."""
    reader, writer = os.pipe()
    source = TRACE + f"import os; os.write({writer}, b'here')"
    with os.fdopen(reader, "rb") as read, os.fdopen(writer, "wb"):
        subprocess.run(**command(*python(source)), pass_fds=[writer], capture_output=True, check=True)
        assert read.read(4) == b"here"


def test_options_behind_the_program_are_its_own():
    """Also those which the command has, too."""
    ended = run(*python(TRACE + "import sys; print(sys.argv[1:])"), "--html", "x", "--", "--serve", "-c")

    assert ended.stdout == "['--html', 'x', '--', '--serve', '-c']\n"


def test_children_are_traced():
    """The spans of two processes, in one run."""
    source = TRACE + f"import subprocess, sys; subprocess.run([sys.executable, '-c', {TRACE!r}], check=True)"

    assert "2 traces, 2 spans" in run(*python(source)).stderr


def test_the_newer_api_is_read():
    """A program that is set to v0.5 is shown as any other."""
    assert 'work "a <b>"' in run(*python(TRACE), DD_TRACE_API_VERSION="v0.5").stderr


def test_an_agent_of_the_user_is_left_alone():
    """Its address may be set for ever; this run's traces come here all the same, and that is said."""
    with agent_on_tcp() as agent:
        ended = run(*python(TRACE), DD_TRACE_AGENT_URL=agent.url)

    assert agent.requests == []
    assert ended.stderr.startswith("DD_TRACE_AGENT_URL is set, and left aside")
    assert "1 trace, 1 span" in ended.stderr


@pytest.mark.parametrize("variables", [{}, {"DD_TRACE_ENABLED": "false"}])
def test_no_trace_is_said_with_advice(variables):
    """What to look at; the exit status stays the program's."""
    ended = run(*python("print('out'); raise SystemExit(4)"), **variables)

    assert (ended.returncode, ended.stdout) == (4, "out\n")
    assert "no trace came" in ended.stderr and "DD_TRACE_ENABLED=false" in ended.stderr


def test_a_program_that_does_not_exist_is_refused():
    """With a shell's status for that."""
    ended = run("no-such-program", "x")

    assert ended.returncode == 127
    assert "there is no program 'no-such-program', neither here nor in a folder of PATH" in ended.stderr


def test_a_file_that_is_no_program_is_refused(tmp_path):
    """With a shell's status for that, and what was perhaps meant."""
    path = tmp_path / "app.py"
    path.touch()

    ended = run(path)

    assert ended.returncode == 126 and f"{path} is not executable; did you mean `python {path}`?" in ended.stderr


def test_pictures_are_written(tmp_path):
    """A page and an SVG of the same traces, over what was there before."""
    page, svg = tmp_path / "x.html", tmp_path / "x.svg"
    svg.write_text("old")

    ended = run("--html", page, "--svg", svg, *python(TRACE))

    assert page.read_text().startswith("<!DOCTYPE html>") and "a &lt;b&gt;" in page.read_text()
    assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert f"wrote {page}\nwrote {svg}\n" in ended.stderr


@pytest.mark.parametrize("option", ["--html", "--svg"])
@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("absent/x", "there is no folder"),
        (".", "is a directory"),
        ("/proc/x", "no file can be written there"),
        ("pipe", "expected a file, found something else"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_first(tmp_path, option, place, problem):
    """The program is not run: it may take its time, or must not be run twice."""
    done = tmp_path / "done"
    os.mkfifo(tmp_path / "pipe")

    ended = run(option, tmp_path / place, *python(f"open({str(done)!r}, 'w')"))

    assert ended.returncode == 2 and problem in ended.stderr
    assert not done.exists()


def test_one_file_for_two_outputs_is_refused(tmp_path):
    """The one would take the place of the other."""
    ended = run("--html", tmp_path / "x", "--svg", tmp_path / "x", *python(TRACE))

    assert ended.returncode == 2 and "expected two files" in ended.stderr


def test_an_output_that_fails_in_the_end_is_told(tmp_path):
    """A folder that is gone meanwhile spoils neither the tree nor the exit status."""
    folder = tmp_path / "folder"
    folder.mkdir()
    source = TRACE + f"import os, pathlib; os.rmdir({str(folder)!r}); pathlib.Path({str(folder)!r}).touch()"

    ended = run("--html", folder / "x.html", *python(source))

    assert ended.returncode == 1
    assert "1 trace, 1 span" in ended.stderr and "x.html was not written: " in ended.stderr


def test_many_spans_are_cut_with_a_note(tmp_path):
    """10,000 spans make a tree, a page and a picture that can be looked at."""
    source = (
        "from ddtrace import tracer\nwith tracer.trace('web'):\n for _ in range(9_999): tracer.trace('db').finish()"
    )

    ended = run("--html", tmp_path / "x.html", "--svg", tmp_path / "x.svg", *python(source))

    assert "1 trace, 10000 spans" in ended.stderr and "9500 more spans not shown" in ended.stderr
    assert "9000 more spans not shown" in (tmp_path / "x.html").read_text()
    assert "9700 more spans not shown" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_live_page_is_served_until_it_is_interrupted(start, number):
    """It fills while the program runs, stays when that has ended, and leaves the program's exit status."""
    source = TRACE + "tracer.flush(); print(1, flush=True); input(); tracer.trace('more').finish(); raise SystemExit(6)"
    running = start("--serve", *python(source))
    url = re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", running.stderr.readline())[0]
    server, path = url[: url.index("/", 8)], url[url.index("/", 8) :]
    running.stdout.readline()

    assert "1 trace, 1 span" in ask(server, path).body
    running.stdin.write("\n")
    running.stdin.flush()
    lines = iter(running.stderr.readline, "the page is served until Ctrl-C\n")
    assert any("2 traces, 2 spans" in line for line in [*lines])
    assert "2 traces, 2 spans; ended with status 6" in ask(server, path).body

    running.send_signal(number)
    running.communicate(timeout=TIMEOUT_S)
    assert running.returncode == 6
