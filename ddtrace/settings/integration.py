"""The settings of one integration: ``config.<name>``."""

from __future__ import annotations

import copy
import os
from typing import Any

from ddtrace.settings.option import Option, from_environment

__all__ = ["IntegrationConfig"]


class IntegrationConfig(dict):
    """Settings by key or by attribute; a setting that was never made is an AttributeError or KeyError.

    ``service`` comes from DD_<NAME>_SERVICE (or DD_<NAME>_SERVICE_NAME) and is None where that is not set; the options
    that the integration declares come from their own variables, or are at their defaults.
    """

    def __init__(self, name: str, options: tuple[Option, ...] = ()) -> None:
        super().__init__()
        object.__setattr__(self, "integration_name", name)
        prefix = f"DD_{name}".upper()
        service = os.environ.get(f"{prefix}_SERVICE") or os.environ.get(f"{prefix}_SERVICE_NAME")
        self["service"] = service
        self["service_name"] = service
        for option in options:
            self[option.name] = from_environment(option, option.env_for(name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # copy and pickle ask for these of an object that has not even a name yet.
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            known = ", ".join(sorted(self))
            raise AttributeError(f"config.{self.integration_name} has no setting {name!r}; it has {known}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"config.{self.integration_name} has no setting {name!r}") from None

    def __deepcopy__(self, memo: dict[int, Any]) -> IntegrationConfig:
        twin = type(self).__new__(type(self))
        object.__setattr__(twin, "integration_name", self.integration_name)
        twin.update(copy.deepcopy(dict(self), memo))
        return twin

    def __repr__(self) -> str:
        return f"IntegrationConfig({self.integration_name!r}, {super().__repr__()})"
