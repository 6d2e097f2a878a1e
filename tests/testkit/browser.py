"""A real, headless Chromium, spoken to over two pipes."""

import json
import os
import select
import shutil
import subprocess
import time

import pytest

DEADLINE_S = 60
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")


class Browser:
    """One browser with one page; `events` are what it told without being asked."""

    def __init__(self, folder):
        program = os.environ.get("TESTKIT_CHROMIUM") or shutil.which("chromium")
        if program is None:
            pytest.skip("no chromium: apt-get install chromium, or say in TESTKIT_CHROMIUM where it is")
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        self.events, self._buffer, self._calls, self._session = [], b"", 0, None
        # It reads commands from descriptor 3 and answers on 4.
        script = f'exec "$0" "$@" 3<&{commands} 4>&{answers}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, program, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(commands, answers),
            env={**os.environ, "HOME": str(folder)},
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        page = next(each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Log", "Network", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """Ask for something; what is answered."""
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        answer = self._wait_for(lambda told: told.get("id") == self._calls)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path):
        """Load a file, and wait until all of it is there."""
        self.visit(path.as_uri())

    def visit(self, url):
        """Load a page, and wait until all of it is there."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        if not self.told("Page.loadEventFired"):
            self._wait_for(lambda told: told.get("method") == "Page.loadEventFired")

    def evaluate(self, expression):
        """What JavaScript says."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def press(self, key):
        """Type one character."""
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def told(self, method):
        """The events of one kind."""
        return [event["params"] for event in self.events if event["method"] == method]

    def close(self):
        """End the browser."""
        self._process.terminate()
        self._process.wait(DEADLINE_S)
        os.close(self._commands)
        os.close(self._answers)

    def _wait_for(self, is_it):
        deadline = time.monotonic() + DEADLINE_S
        while True:
            while b"\0" in self._buffer:
                raw, _, self._buffer = self._buffer.partition(b"\0")
                told = json.loads(raw)
                if "method" in told:
                    self.events.append(told)
                if is_it(told):
                    return told
            ready, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"Chromium did not answer within {DEADLINE_S} s; it told {self.events[-3:]}"
            read = os.read(self._answers, 1 << 20)
            assert read, f"Chromium ended with {self._process.wait(DEADLINE_S)}"
            self._buffer += read
