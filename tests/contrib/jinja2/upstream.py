"""Jinja's own suite."""

from testkit.upstream import Upstream

upstream = Upstream(
    version="3.1.6",
    sha256="0137fb05990d35f1275a587e9aee6d56da821fc83491a0fb838183be43f66d6d",
    requirements=("pytest<9", "trio"),
    arguments=("tests",),
)
