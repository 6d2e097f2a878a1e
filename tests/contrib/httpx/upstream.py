"""httpx's own suite, which serves on port 8000 of this machine."""

from testkit.upstream import Upstream

SENT = "it compares all headers that are sent, and those of the context, which the server needs, are among them"
SHOWN = "it compares all headers that a hook is shown, which are those to be sent: a hook that signs them needs all"

upstream = Upstream(
    version="0.28.1",
    sha256="75e98c5f16b0f35b567856f597f06ff2270a374470a5c2392242528e3e3e42fc",
    requirements=(
        "httpx[brotli,cli,http2,socks,zstd]",
        # Since these, chardet guesses other encodings, and what the suite uses of click is deprecated.
        "chardet<6",
        "click<8.2",
        "cryptography",
        "pytest<9",
        "trio",
        "trustme",
        "uvicorn",
    ),
    arguments=(
        "tests",
        # These want an address elsewhere to be silent, or to answer.
        *("-m", "not network"),
        # It leaves a generator to the garbage collector, whose warning fails the test that runs then.
        "--deselect=tests/test_timeouts.py::test_write_timeout[trio]",
    ),
    accepted=(
        ("tests/client/test_client.py::test_raw_client_header", SENT),
        ("tests/client/test_event_hooks.py::test_async_event_hooks[asyncio]", SHOWN),
        ("tests/client/test_event_hooks.py::test_async_event_hooks[trio]", SHOWN),
        ("tests/client/test_event_hooks.py::test_async_event_hooks_with_redirect[asyncio]", SHOWN),
        ("tests/client/test_event_hooks.py::test_async_event_hooks_with_redirect[trio]", SHOWN),
        ("tests/client/test_event_hooks.py::test_event_hooks", SHOWN),
        ("tests/client/test_event_hooks.py::test_event_hooks_with_redirect", SHOWN),
        ("tests/client/test_headers.py::test_client_header", SENT),
        ("tests/client/test_headers.py::test_header_merge", SENT),
        ("tests/client/test_headers.py::test_header_merge_conflicting_headers", SENT),
        ("tests/client/test_headers.py::test_header_update", SENT),
        ("tests/client/test_headers.py::test_host_with_auth_and_port_in_url", SENT),
        ("tests/client/test_headers.py::test_host_with_non_default_port_in_url", SENT),
        ("tests/client/test_headers.py::test_remove_default_header", SENT),
        ("tests/test_asgi.py::test_asgi_headers[asyncio]", SENT),
        ("tests/test_asgi.py::test_asgi_headers[trio]", SENT),
        ("tests/test_main.py::test_auth", SENT),
        ("tests/test_main.py::test_verbose", SENT),
    ),
)
