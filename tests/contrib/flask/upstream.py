"""Flask's own suite."""

from testkit.upstream import Upstream

upstream = Upstream(
    version="3.1.3",
    sha256="0ef0e52b8a9cd932855379197dd8f94047b359ca0a78695144304cb45f87c9eb",
    requirements=("pytest<9", "asgiref", "greenlet", "python-dotenv"),
    arguments=("tests",),
)
