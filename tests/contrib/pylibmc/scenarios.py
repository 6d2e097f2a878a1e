"""How programs use pylibmc: single keys and many, conditions, pools, classes of their own, failures."""

import contextlib
from urllib.parse import urlsplit

import pylibmc

from ddtrace.contrib.pylibmc import integration
from testkit import scenario
from testkit.snapshots import Port, Regex

REDACT = {"network.destination.port": Port(), "error.message": Regex(r".*")}
"""libmemcached says as much as its release does, addresses in memory included."""

NOBODY = "127.0.0.1:9"


@contextlib.contextmanager
def connected(url, kind=pylibmc.Client, **settings):
    client = kind([urlsplit(url).netloc], **settings)
    try:
        yield client
    finally:
        client.disconnect_all()


def tried(calls):
    """What comes of each call, which may fail."""
    outcomes = []
    for call in calls:
        try:
            outcomes.append(call())
        except Exception as error:
            outcomes.append((type(error), str(error)))
    return outcomes


def kinds(outcomes):
    """The types of the failures, whose messages have addresses in memory."""
    return [kind for kind, _ in outcomes]


@scenario(integration)
def set_and_get(memcached_url):
    with connected(memcached_url, binary=True) as client:
        stored = client.set("colour", "blue"), client.set(key=b"hue", val=240, time=60)
        found = client.get("colour"), client.get(b"hue"), client.get("none"), client.get("none", "red")
        return stored, found, client["colour"], "none" in client, str(type(client))


@scenario(integration)
def many_at_once(memcached_url):
    colours = {"red": 0, "green": 120, "blue": 240}
    with connected(memcached_url) as client:
        stored = client.set_multi(colours, key_prefix="hue:"), client.add_multi({"hue:red": 1, "teal": 180}, 60)
        found = client.get_multi(["red", "pink"], "hue:"), client.get_multi(("teal", b"hue:blue"))
        counted = client.incr_multi(["red", "blue"], key_prefix="hue:", delta=1), client.get("hue:red")
        gone = client.delete_multi(["red", "green"], "hue:"), client.delete_multi(name for name in ("teal", "none"))
        return stored, found, counted, gone, client.get_multi([]), client.set_multi(colours, 60, "a:"), colours


@scenario(integration)
def compare_and_swap(memcached_url):
    with connected(memcached_url, behaviors={"cas": True}) as client:
        client.set("colour", "blue")
        # Bytes, here and below: of a text pylibmc 1.6.3 makes some, and frees them before it has sent them.
        value, version = client.gets(b"colour")
        swapped = client.cas("colour", "red", version), client.cas(key="colour", val="green", cas=version)
        return value, swapped, client.get("colour"), client.gets(b"none")


@scenario(integration)
def stored_on_condition(memcached_url):
    with connected(memcached_url) as client:
        added = client.add("colour", "blue"), client.add("colour", "red"), client.replace("none", "red")
        replaced = client.replace("colour", "b"), client.prepend("colour", "a"), client.append("colour", "c")
        return added, replaced, client.get("colour"), client.append("none", "c")


@scenario(integration)
def counted_and_kept(memcached_url):
    with connected(memcached_url) as client:
        client["visits"] = 40
        counted = client.incr("visits", 3), client.decr("visits"), client.touch("visits", 60), client.touch("none", 60)
        del client["visits"]
        return counted, client.delete("visits")


@scenario(integration)
def asked_about_itself(memcached_url):
    with connected(memcached_url) as client:
        client.set("colour", "blue")
        told = len(client.get_stats()), sorted(client.get_stats("settings")[0][1])[:3], client.flush_all()
        return told, client.get("colour"), client.behaviors["distribution"], client.hash("colour")


@scenario(integration)
def pooled(memcached_url):
    with connected(memcached_url) as client:
        pool, mapped = pylibmc.ClientPool(client, 2), pylibmc.ThreadMappedPool(client)
        with pool.reserve() as one, pool.reserve() as other, mapped.reserve() as third:
            found = one.set("colour", "blue"), other.get("colour"), third.get("colour"), one is other
        return found, mapped.relinquish().get("colour"), type(client.clone()) is type(client)


@scenario(integration)
def classes_of_the_application(memcached_url):
    class Ledger(pylibmc.Client):
        def get(self, key, *default):
            return super().get(f"ledger:{key}", *default)

        def serialize(self, value):
            return repr(value).encode(), 0

    with connected(memcached_url, Ledger) as client:
        client.set("ledger:colour", ["blue", 240])
        clone = client.clone()
        return client.get("colour"), client.get("hue", 1), isinstance(client, pylibmc.Client), clone.get("colour")


@scenario(integration)
def keys_of_any_name(memcached_url, word):
    with connected(memcached_url) as client:
        return tried(
            [
                lambda: client.set(word, word),
                lambda: client.get(word),
                lambda: client.get_multi([f"{number}" for number in range(100)], word),
                lambda: client.delete_multi([word]),
            ]
        )


@scenario(integration)
def credentials_and_values_stay_out(memcached_url, secret):
    with connected(memcached_url, behaviors={"cas": True}) as client:
        stored = client.set("user", secret), client.set_multi({"user": secret, "admin": secret})
        swapped = client.cas("user", secret, client.gets(b"user")[1]), client.append("user", secret)
        found = client.get_multi(["user", "admin"]), client.get("none", secret)
    with connected(memcached_url, binary=True, username="nobody", password=secret) as client:
        return stored, swapped, found, kinds(tried([lambda: client.get("user")]))


@scenario(integration)
def several_servers(memcached_url):
    address = urlsplit(memcached_url).netloc
    client = pylibmc.Client([address, address.replace("127.0.0.1", "localhost")], behaviors={"ketama": True})
    stored = client.set_multi({f"key{number}": number for number in range(20)})
    # One by one: of many, those come first whose server is the first to answer.
    found = [client.get(f"key{number}") for number in range(5)]
    client.disconnect_all()
    return stored, found


@scenario(integration)
def what_cannot_be(memcached_url):
    with connected(memcached_url) as client:
        client.set("colour", "blue")
        return tried(
            [
                lambda: client.set("k" * 251, "long"),
                lambda: client.get(1),
                lambda: client.get(),
                lambda: client.get_multi(["colour", 1]),
                lambda: client.get_multi(name for name in ("colour",)),
                lambda: client.set_multi(["colour"]),
                lambda: client.delete_multi({"colour": "blue"}),
                lambda: client.incr("colour", "one"),
                lambda: client.incr("none"),
                lambda: client.gets(b"colour"),
                lambda: client.set("function", lambda: None),
            ]
        )


@scenario(integration)
def wrong_type(memcached_url):
    with connected(memcached_url) as client:
        client.set("colour", "blue")
        return client.incr("colour")


@scenario(integration)
def illegal_key(memcached_url):
    with connected(memcached_url) as client:
        return client.set("k" * 251, "long")


@scenario(integration)
def too_large(memcached_url):
    with connected(memcached_url) as client:
        return client.set("colour", "blue" * 500_000)


@scenario(integration)
def nobody_listens():
    return kinds(tried([lambda: pylibmc.Client([NOBODY]).get("colour")]))
