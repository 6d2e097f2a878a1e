"""``ddtrace-run``, in real processes and with a real agent."""

import json
import os
import signal
import subprocess
import sys
import venv

import pytest

from ddtrace.bootstrap import __file__ as bootstrap_file
from ddtrace.version import __version__
from tests.unit.conftest import REPOSITORY

BOOTSTRAP = os.path.dirname(bootstrap_file)

TRACE = "from ddtrace import tracer\ntracer.trace('work').finish()\n"


def printed(run):
    """What a command printed, where it ended well and quietly."""
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.strip()


def environment_of(run):
    """The environment that a command printed as JSON."""
    return json.loads(run.stdout)


PRINT_ENVIRONMENT = (sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))")


def test_traces_of_the_program_arrive(agent, ddtrace_run):
    """A program that only makes a span has it sent to the agent."""
    run = ddtrace_run(sys.executable, "-c", TRACE)

    assert printed(run) == ""
    assert [span["name"] for span in agent.spans] == ["work"]


def test_libraries_are_patched(ddtrace_run):
    """A program that imports a library finds it traced."""
    run = ddtrace_run(sys.executable, "-c", "import redis; print(hasattr(redis.Redis.execute_command, '__wrapped__'))")

    assert printed(run) == "True"


def test_children_are_traced(agent, ddtrace_run):
    """A Python that the program starts is traced as the program is."""
    source = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {TRACE!r}], check=True)"

    assert printed(ddtrace_run(sys.executable, "-c", source)) == ""
    assert [span["name"] for span in agent.spans] == ["work"]


@pytest.mark.parametrize("code", [0, 3, 255])
def test_exit_code_is_the_program_s(ddtrace_run, code):
    """The caller gets the program's exit code."""
    assert ddtrace_run(sys.executable, "-c", f"raise SystemExit({code})").returncode == code


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_signal_reaches_the_program_itself(ddtrace_run, name):
    """The process that was started is the program; a signal ends it, and is its exit status."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ddtrace.commands.ddtrace_run", sys.executable, "-c",
         f"import os, signal; signal.signal(signal.{name}, signal.SIG_DFL); print(os.getpid(), flush=True); "
         "signal.pause()"],
        env={**os.environ, "PYTHONPATH": REPOSITORY},
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    with process:
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(getattr(signal, name))
        assert process.wait(30) == -getattr(signal, name)


def test_arguments_are_the_program_s(ddtrace_run):
    """What follows the command is not ours, also where it looks like an option of ours."""
    run = ddtrace_run("-d", sys.executable, "-c", "import sys; print(sys.argv[1:])", "-v", "--info", "--", "-d")

    assert printed(run) == "['-v', '--info', '--', '-d']"


def test_two_dashes_end_our_options(ddtrace_run):
    """``ddtrace-run -- command`` runs the command."""
    assert printed(ddtrace_run("--", sys.executable, "-c", "print('ran')")) == "ran"


def test_path_is_kept(ddtrace_run):
    """The bootstrap's folder comes first on PYTHONPATH, the rest is as it was, empty parts too."""
    path = os.pathsep.join(["/first", "", REPOSITORY])

    environment = environment_of(ddtrace_run(*PRINT_ENVIRONMENT, path=path, cwd=REPOSITORY.split(os.pathsep)[0]))

    assert environment["PYTHONPATH"] == os.pathsep.join([BOOTSTRAP, path])


def test_unset_path_gets_no_empty_part(ddtrace_run):
    """Python takes an empty part for the current folder."""
    run = ddtrace_run("env", path="", cwd=REPOSITORY.split(os.pathsep)[0])

    assert f"\nPYTHONPATH={BOOTSTRAP}\n" in f"\n{run.stdout}"


def test_nested_is_as_once(ddtrace_run):
    """Under another ``ddtrace-run`` the folder is not put in front again."""
    run = ddtrace_run(sys.executable, "-m", "ddtrace.commands.ddtrace_run", *PRINT_ENVIRONMENT)

    assert environment_of(run)["PYTHONPATH"] == os.pathsep.join([BOOTSTRAP, REPOSITORY])


def test_command_is_found_on_path(tmp_path, ddtrace_run):
    """A command is looked for as a shell does, and its first argument is what was typed."""
    script = tmp_path / "hello"
    script.write_text('#!/bin/sh\necho "$0 $1"\n')
    script.chmod(0o755)

    run = ddtrace_run("hello", "there", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert printed(run) == f"{script} there"


def test_console_script_is_traced(tmp_path, agent, ddtrace_run):
    """A script that names its Python in its first line is traced."""
    script = tmp_path / "work"
    script.write_text(f"#!{sys.executable}\n{TRACE}")
    script.chmod(0o755)

    assert printed(ddtrace_run(str(script))) == ""
    assert [span["name"] for span in agent.spans] == ["work"]


def test_module_is_traced(tmp_path, agent, ddtrace_run):
    """``python -m module`` is traced."""
    (tmp_path / "work.py").write_text(TRACE)

    assert printed(ddtrace_run(sys.executable, "-m", "work", cwd=tmp_path)) == ""
    assert [span["name"] for span in agent.spans] == ["work"]


def test_python_of_a_virtual_environment_stays_in_it(tmp_path, ddtrace_run):
    """A Python of an environment has its prefix."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"

    assert printed(ddtrace_run(str(python), "-c", "import sys; print(sys.prefix)")) == str(tmp_path / "venv")


def test_python_without_ddtrace_runs_untraced(tmp_path, ddtrace_run):
    """One warning says that there is no tracing, and the program runs."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    restart = f"os.execl({str(python)!r}, {str(python)!r}, '-c', 'print(1)')"
    source = f"import os; os.environ['PYTHONPATH'] = {BOOTSTRAP!r}; {restart}"

    run = ddtrace_run(sys.executable, "-c", source)

    assert (run.returncode, run.stdout) == (0, "1\n")
    assert run.stderr.count("error configuring Datadog tracing") == 1
    assert "No module named 'ddtrace'" in run.stderr


def test_no_command_prints_help(ddtrace_run):
    """Without a command there is help, and an exit code of 1."""
    run = ddtrace_run()

    assert run.returncode == 1
    assert "usage: ddtrace-run [options] <command>" in run.stdout
    assert "--info" in run.stdout


def test_version(ddtrace_run):
    """``-v`` prints the version."""
    assert printed(ddtrace_run("-v")) == f"ddtrace-run {__version__}"


def test_unknown_executable_is_named(ddtrace_run):
    """The message names what was not found, and how to use the command."""
    run = ddtrace_run("no-such-program", "argument")

    assert run.returncode == 1
    assert "ddtrace-run: failed to find executable 'no-such-program'." in run.stdout
    assert "usage: " in run.stdout


def test_script_that_may_not_be_executed(tmp_path, ddtrace_run):
    """The message says how to run it."""
    (tmp_path / "app.py").write_text("print(1)")

    run = ddtrace_run("app.py", cwd=tmp_path)

    assert run.returncode == 1
    assert "permission denied to run 'app.py'. Did you mean `ddtrace-run python app.py`?" in run.stdout


def test_script_without_interpreter(tmp_path, ddtrace_run):
    """An executable file that the system cannot run is named with the reason."""
    script = tmp_path / "app"
    script.write_text("print(1)\n")
    script.chmod(0o755)

    run = ddtrace_run(str(script))

    assert run.returncode == 1
    assert f"failed to run '{script}': Exec format error" in run.stdout


def test_uwsgi_is_run_with_a_note(tmp_path, ddtrace_run):
    """uWSGI runs, and standard error says what it needs."""
    script = tmp_path / "uwsgi"
    script.write_text("#!/bin/sh\necho served\n")
    script.chmod(0o755)

    run = ddtrace_run(str(script))

    assert (run.returncode, run.stdout) == (0, "served\n")
    assert "--import=ddtrace.auto" in run.stderr


def test_debug_flag(ddtrace_run):
    """``-d`` sets the program's DD_TRACE_DEBUG."""
    assert environment_of(ddtrace_run("-d", *PRINT_ENVIRONMENT))["DD_TRACE_DEBUG"] == "true"


def test_profiling_flag(ddtrace_run):
    """``-p`` sets the program's DD_PROFILING_ENABLED, and one line says that nothing comes of it here."""
    run = ddtrace_run("--profiling", *PRINT_ENVIRONMENT)

    assert environment_of(run)["DD_PROFILING_ENABLED"] == "true"
    assert run.stderr.splitlines() == [
        "ddtrace-run: DD_PROFILING_ENABLED is set for the program, but this tracer has no profiler"
    ]


def test_info_is_of_a_program_run_the_same_way(agent, ddtrace_run):
    """``--info`` tells what a program gets: whether the agent answers, global tags, and each integration."""
    run = ddtrace_run("--info", "-d", DD_TRACE_GLOBAL_TAGS="team:shop", DD_PATCH_MODULES="redis:false", DD_SERVICE="s")

    lines = [" ".join(line.split()) for line in printed(run).splitlines()]
    assert f"it answers at {agent.url}" in lines
    assert {"tracer_tags team:shop", "debug yes", "service s", "logging off"} <= set(lines)
    assert any(line.startswith("redis off, ") for line in lines)
    assert "\033" not in run.stdout
    assert agent.traces == []


def test_info_says_why_the_agent_does_not_answer(ddtrace_run, refusing_url):
    """An agent that cannot be reached is no error, and its address is there."""
    run = ddtrace_run("-i", "-nc", DD_TRACE_AGENT_URL=refusing_url)

    assert f"Agent not reachable at {refusing_url}" in printed(run)
