"""A library of a few lines, an integration of it, and releases of it as pip would install them."""

import importlib

import pytest

from ddtrace import Pin
from ddtrace.contrib._integration import Integration, SpanContract
from ddtrace.contrib._patching import Patching

LIBRARY = """
class Base:
    def run(self, value=1):
        "Run."
        return ["run", value]

    @staticmethod
    def static(value):
        return ["static", value]

    @classmethod
    def make(cls, value):
        return [cls.__name__, value]

    @property
    def colour(self):
        return "blue"

class Child(Base):
    pass

def function(value):
    return ["function", value]
"""


@pytest.fixture
def declare():
    """Declares integrations of ``toylib``."""

    def declare(**fields):
        return Integration(
            **{
                "package": "toy",
                "distribution": "",
                "modules": ("toylib",),
                "versions": (),
                "spans": (
                    SpanContract(name="toy.call", span_type="worker", kind="client", measured=True),
                    SpanContract(name="toy.plain"),
                ),
                **fields,
            }
        )

    return declare


class Client:
    """An object of a library."""


@pytest.fixture
def client(tracer):
    """An object with a pin at the test's own tracer."""
    client = Client()
    Pin.override(client, tracer=tracer)
    return client


@pytest.fixture
def integration(declare):
    """An integration of the library, with its two spans."""
    return declare()


@pytest.fixture
def library(make_module):
    """The library, imported."""
    return importlib.import_module(make_module("toylib", LIBRARY))


@pytest.fixture
def make_patching(declare):
    """Makes patchings of the library, which are undone after the test."""
    patchings = []

    def make(targets=(), changes=(), integration=None):
        patchings.append(Patching(integration or declare(), targets, changes))
        return patchings[-1]

    yield make
    for patching in patchings:
        patching.unpatch()


@pytest.fixture
def install(tmp_path):
    """Puts a release of ``toylib`` where importlib.metadata finds it."""

    def install(version):
        folder = tmp_path / f"toylib-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: toylib\nVersion: {version}\n")

    return install
