"""Settings of one object."""

import pytest
import wrapt

import ddtrace
from ddtrace import Pin
from testkit import DummyTracer


class Client:
    """An object that an integration traces."""


def test_pin_holds_what_it_is_given(tracer):
    """Service, tags and tracer; the global tracer unless another is named."""
    pin = Pin(service="shop", tags={"team": "blue"}, tracer=tracer)

    assert (pin.service, pin.tags, pin.tracer) == ("shop", {"team": "blue"}, tracer)
    assert Pin().tracer is ddtrace.tracer
    assert (Pin().service, Pin().tags) == (None, None)


@pytest.mark.parametrize("name", ["service", "tags", "tracer", "other"])
def test_pin_never_changes(name):
    """The error says what to do instead."""
    with pytest.raises(AttributeError, match=r"can't mutate a pin, use override\(\) or clone\(\) instead"):
        setattr(Pin(), name, "value")


def test_object_without_a_pin_has_none():
    """Neither an instance nor a class nor None."""
    assert Pin.get_from(Client()) is Pin.get_from(Client) is Pin.get_from(None) is None


def test_override_makes_a_pin():
    """Where there was none, what is not given is at its default."""
    client = Client()

    Pin.override(client, service="shop")

    assert Pin.get_from(client).service == "shop"
    assert Pin.get_from(client).tracer is ddtrace.tracer


def test_override_keeps_the_rest(tracer):
    """What is not given is that of the pin so far."""
    client = Client()
    Pin(service="shop", tags={"team": "blue"}, tracer=tracer).onto(client)

    Pin.override(client, service="bank")

    pin = Pin.get_from(client)
    assert (pin.service, pin.tags, pin.tracer) == ("bank", {"team": "blue"}, tracer)


def test_override_of_nothing_does_nothing():
    """None bears no pin."""
    Pin.override(None, service="shop")

    assert Pin.get_from(None) is None


def test_pin_of_a_class_holds_for_its_instances():
    """And for those of its subclasses."""

    class Base:
        """Bears the pin."""

    class Derived(Base):
        """Inherits it."""

    Pin.override(Base, service="shop")

    assert Pin.get_from(Base()).service == Pin.get_from(Derived()).service == "shop"


def test_override_of_an_instance_leaves_its_class_alone():
    """Another instance has the class's settings."""

    class Base:
        """Bears the pin."""

    Pin.override(Base, service="shop", tags={"team": "blue"})
    client = Base()

    Pin.override(client, service="bank")

    assert Pin.get_from(client).service == "bank"
    assert Pin.get_from(client).tags == {"team": "blue"}
    assert Pin.get_from(Base()).service == Pin.get_from(Base).service == "shop"


def test_inherited_pin_is_copied_when_it_is_asked_for():
    """What a caller does to the settings of one instance stays there."""

    class Base:
        """Bears the pin."""

    Pin(_config={"split": False}).onto(Base)
    one, other = Base(), Base()

    Pin.get_from(one)._config["split"] = True

    assert Pin.get_from(one)._config["split"] is True
    assert Pin.get_from(other)._config["split"] is Pin.get_from(Base)._config["split"] is False


def test_lookup_leaves_the_object_as_it_is():
    """The pin of the class holds, and nothing is put onto the instance."""

    class Base:
        """Bears the pin."""

    Pin.override(Base, service="shop")
    client = Base()

    assert Pin.lookup(client) is Pin.lookup(Base)
    assert vars(client) == {}


def test_find_takes_the_first_pin():
    """Of several objects the first with a pin decides."""
    first, second = Client(), Client()
    Pin.override(first, service="first")
    Pin.override(second, service="second")

    assert Pin._find(None, Client(), first, second).service == "first"
    assert Pin._find(Client()) is None


def test_object_can_keep_its_pin_itself():
    """``__setddpin__`` and ``__getddpin__`` are asked where there are any."""

    class Keeper:
        kept = None

        def __setddpin__(self, pin):
            self.kept = pin

        def __getddpin__(self):
            return self.kept

    keeper = Keeper()
    pin = Pin(service="shop")
    pin.onto(keeper)

    assert keeper.kept is pin
    assert Pin.get_from(keeper) is pin


@pytest.mark.parametrize("target", [5, "text", object(), type("Slotted", (), {"__slots__": ()})()], ids=type)
def test_object_that_takes_no_attribute_stays_as_it_is(target):
    """There is no error, and no pin."""
    Pin.override(target, service="shop")

    assert Pin.get_from(target) is None


def test_object_that_takes_an_attribute_once_takes_the_last_pin():
    """It refuses to have one replaced, as applications of Bottle do."""

    class Once:
        def __setattr__(self, name, value):
            if name in vars(self):
                raise AttributeError(f"{name} is defined already")
            super().__setattr__(name, value)

    client = Once()
    Pin.override(client, service="shop")
    Pin.override(client, service="bank")

    assert Pin.get_from(client).service == "bank"


@pytest.mark.parametrize("owner", [int, dict], ids=["int", "dict"])
def test_builtin_class_stays_as_it_is(owner):
    """A class of the interpreter refuses attributes in its own way."""
    Pin.override(owner, service="shop")

    assert Pin.get_from(owner) is None


def test_pin_can_be_removed():
    """An instance's own pin gives way to that of its class."""

    class Base:
        """Bears the pin."""

    Pin.override(Base, service="shop")
    client = Base()
    Pin.override(client, service="bank")

    Pin.get_from(client).remove_from(client)

    assert Pin.get_from(client).service == "shop"


def test_inherited_pin_cannot_be_removed_from_the_heir():
    """Removing from an object without a pin of its own does nothing."""

    class Base:
        """Bears the pin."""

    Pin.override(Base, service="shop")
    Pin.lookup(Base).remove_from(Base())
    Pin().remove_from(5)

    assert Pin.lookup(Base).service == "shop"


def test_clone_shares_nothing(tracer):
    """Tags and settings are copies, what is given is new."""
    pin = Pin(service="shop", tags={"team": "blue"}, tracer=tracer, _config={"split": True})

    twin = pin.clone(service="bank")
    twin.tags["team"] = "red"
    twin._config["split"] = False

    assert (pin.service, pin.tags, pin._config["split"]) == ("shop", {"team": "blue"}, True)
    assert (twin.service, twin.tracer) == ("bank", tracer)


def test_clone_can_change_everything(tracer):
    """Tags and tracer as well as the service."""
    other = DummyTracer()

    twin = Pin(service="shop", tags={"a": "1"}, tracer=tracer).clone(tags={"b": "2"}, tracer=other)

    assert (twin.service, twin.tags, twin.tracer) == ("shop", {"b": "2"}, other)


def test_pin_is_enabled_with_its_tracer(tracer):
    """Switching the tracer off switches tracing of the object off."""
    pin = Pin(tracer=tracer)
    assert pin.enabled()

    tracer.enabled = False
    assert not pin.enabled()


def test_repr_shows_the_settings():
    """Service and tags, and which tracer."""
    assert (
        repr(Pin(service="shop", tags={"a": "1"})) == f"Pin(service=shop, tags={{'a': '1'}}, tracer={ddtrace.tracer})"
    )


PROXIES = [wrapt.ObjectProxy, wrapt.CallableObjectProxy, lambda target: wrapt.FunctionWrapper(target, lambda *args: 0)]


@pytest.fixture(params=PROXIES, ids=["object", "callable", "function"])
def proxy(request):
    return request.param(lambda: None)


def test_proxy_has_a_pin_of_its_own(proxy):
    """A pin that a proxy is given is not handed on to what it stands for."""
    Pin.override(proxy, service="shop")

    assert Pin.get_from(proxy).service == Pin.lookup(proxy).service == "shop"
    assert proxy._self__datadog_pin.service == "shop"
    assert Pin.get_from(proxy.__wrapped__) is None


def test_proxy_of_a_pinned_object_has_that_object_s_settings(proxy):
    """Until it is given some of its own, which leave the object alone."""
    Pin.override(proxy.__wrapped__, service="shop", tags={"team": "blue"})
    assert Pin.get_from(proxy).service == "shop"

    Pin.override(proxy, service="bank")

    assert (Pin.get_from(proxy).service, Pin.get_from(proxy).tags) == ("bank", {"team": "blue"})
    assert Pin.get_from(proxy.__wrapped__).service == "shop"


def test_pin_of_a_proxy_can_be_removed(proxy):
    """That of the object it stands for stays."""
    Pin.override(proxy.__wrapped__, service="shop")
    Pin.override(proxy, service="bank")

    Pin.get_from(proxy).remove_from(proxy)

    assert Pin.get_from(proxy).service == Pin.get_from(proxy.__wrapped__).service == "shop"
