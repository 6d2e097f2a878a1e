"""Imported by Python itself when it starts."""

from testkit.mutation.loading import install_from_environment

install_from_environment()
