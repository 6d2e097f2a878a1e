"""Settings of one object: a client, a class or a module that an integration traces."""

from __future__ import annotations

import sys
from typing import Any

from ddtrace.settings.config import Config
from ddtrace.tracer import Tracer
from ddtrace.tracer import tracer as global_tracer

__all__ = ["Pin"]

_ATTRIBUTE = "_datadog_pin"
_PROXY_ATTRIBUTE = "_self__datadog_pin"


class Pin:
    """Service, tags and tracer for one object; once made it never changes.

    ``Pin.override(client, service="colours")`` is the usual way to one. A class's pin holds for its instances,
    an instance's own pin goes before it.
    """

    __slots__ = ("tags", "tracer", "_config", "_target")

    def __init__(
        self,
        service: str | None = None,
        tags: dict[str, str] | None = None,
        tracer: Tracer | None = None,
        _config: dict[str, Any] | None = None,
    ) -> None:
        settings = dict(_config or {})
        if service is not None:
            settings["service_name"] = service
        set_slot = object.__setattr__
        set_slot(self, "tags", tags)
        set_slot(self, "tracer", tracer or global_tracer)
        set_slot(self, "_config", settings)
        set_slot(self, "_target", None)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("can't mutate a pin, use override() or clone() instead")

    @property
    def service(self) -> str | None:
        """The service set on this object, if any."""
        return self._config.get("service_name")

    @staticmethod
    def _find(*objs: Any) -> Pin | None:
        for obj in objs:
            pin = Pin.get_from(obj)
            if pin is not None:
                return pin
        return None

    @staticmethod
    def lookup(obj: Any) -> Pin | None:
        """The pin that holds for an object, its own or its class's; leaves the object as it is.

        Every traced call asks this. A proxy is asked last, by what it stands for first: see ``get_from``.
        """
        pin = getattr(obj, _ATTRIBUTE, None)
        if pin is None:
            get = getattr(obj, "__getddpin__", None)
            return getattr(obj, _PROXY_ATTRIBUTE, None) if get is None else get()
        return pin

    @staticmethod
    def get_from(obj: Any) -> Pin | None:
        """The pin of an object.

        One inherited from the class is copied onto the object first, so that what the caller changes through
        ``config.get_from`` stays with this object. A proxy of wrapt's has a pin of its own, which goes before that of
        the object it stands for.
        """
        pin = _held_by(obj)
        if pin is not None and pin._target is not None and pin._target != id(obj):
            pin = pin.clone()
            pin.onto(obj)
        return pin

    @classmethod
    def override(
        cls,
        obj: Any,
        service: str | None = None,
        tags: dict[str, str] | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """Put a pin onto an object: what is given is new, the rest is taken from the pin that held so far."""
        if obj is None:
            return
        pin = _held_by(obj)
        if pin is None:
            cls(service=service, tags=tags, tracer=tracer).onto(obj)
        else:
            pin.clone(service=service, tags=tags, tracer=tracer).onto(obj)

    def enabled(self) -> bool:
        """Whether calls on the object are traced."""
        return bool(self.tracer) and self.tracer.enabled

    def onto(self, obj: Any, send: bool = True) -> None:
        """Attach this pin to an object; one that takes no attributes stays as it is."""
        if send:
            put = getattr(obj, "__setddpin__", None)
            if put is not None:
                put(self)
                return
        object.__setattr__(self, "_target", id(obj))
        attribute = _PROXY_ATTRIBUTE if is_proxy(obj) else _ATTRIBUTE
        try:
            setattr(obj, attribute, self)
        except (AttributeError, TypeError):
            # An object with slots refuses with the one, a class of C with the other. Where the attribute can be set but
            # once, as in applications of Bottle, that was our own pin, which gives way.
            own = getattr(obj, "__dict__", {})
            if attribute in own:
                own[attribute] = self

    def remove_from(self, obj: Any) -> None:
        """Detach the pin from an object that bears one of its own."""
        try:
            delattr(obj, _PROXY_ATTRIBUTE if is_proxy(obj) else _ATTRIBUTE)
        except (AttributeError, TypeError):
            pass

    def clone(
        self,
        service: str | None = None,
        tags: dict[str, str] | None = None,
        tracer: Tracer | None = None,
    ) -> Pin:
        """A copy with the given changes."""
        if tags is None and self.tags is not None:
            tags = dict(self.tags)
        return Pin(service=service, tags=tags, tracer=tracer or self.tracer, _config=self._config)

    def __repr__(self) -> str:
        return f"Pin(service={self.service}, tags={self.tags}, tracer={self.tracer})"


def _held_by(obj: Any) -> Pin | None:
    pin = getattr(obj, _PROXY_ATTRIBUTE, None) if is_proxy(obj) else None
    return Pin.lookup(obj) if pin is None else pin


def is_proxy(obj: Any) -> bool:
    """Whether an object is one of wrapt's proxies, which hand every attribute on but those named ``_self_...``."""
    # Where nobody has imported wrapt there is no proxy; and importing it would bring asyncio and ssl in.
    wrapt = sys.modules.get("wrapt")
    # Since wrapt 2 not every proxy is an ObjectProxy.
    proxy = getattr(wrapt, "BaseObjectProxy", None) or getattr(wrapt, "ObjectProxy", ())
    return issubclass(type(obj), proxy)


def _settings_of(obj: Any) -> dict[str, Any]:
    pin = Pin.get_from(obj)
    return {} if pin is None else pin._config


Config.settings_of_object = staticmethod(_settings_of)
