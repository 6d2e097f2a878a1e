"""How programs use pymemcache: one client, pools, clients of several servers; all commands, failures."""

import contextlib
from urllib.parse import urlsplit

import pymemcache
from pymemcache import serde
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient

from ddtrace.contrib.pymemcache import integration
from testkit import scenario
from testkit.snapshots import Port

REDACT = {"network.destination.port": Port()}

NOBODY = ("127.0.0.1", 9)


def connected(url, kind=pymemcache.Client, **settings):
    address = urlsplit(url).netloc
    return contextlib.closing(kind([address] if kind is HashClient else address, **settings))


def tried(calls):
    """What comes of each call, which may fail."""
    outcomes = []
    for call in calls:
        try:
            outcomes.append(call())
        except Exception as error:
            outcomes.append((type(error), str(error)))
    return outcomes


@scenario(integration)
def set_and_get(memcached_url):
    with connected(memcached_url) as client:
        stored = client.set("colour", "blue", noreply=False), client.set(key=b"hue", value=240)
        found = client.get("colour"), client.get(key=b"hue"), client["colour"]
        return stored, found, client.get("nothing"), client.get("none", default="red"), client.get("none", 0)


@scenario(integration)
def many_at_once(memcached_url):
    colours = {"red": "0", "green": "120", "blue": "240"}
    with connected(memcached_url, default_noreply=False) as client:
        stored = client.set_many(colours), client.set_multi(values={"teal": "180"}, expire=60)
        found = client.get_many(["red", "pink"]), client.get_multi(("blue", "teal")), list(client.gets_many(["green"]))
        gone = client.delete_many(name for name in ("red", "green")), client.delete_multi(keys=["blue"])
        return stored, found, gone, client.get_many(colours.keys()), client.get_many([]), colours


@scenario(integration)
def compare_and_swap(memcached_url):
    with connected(memcached_url) as client:
        client.set("colour", "blue")
        value, version = client.gets("colour")
        swapped = client.cas("colour", "red", version), client.cas("colour", "green", cas=version)
        return value, swapped, client.get("colour"), client.cas("none", "red", version), client.gets("none")


@scenario(integration)
def stored_on_condition(memcached_url):
    with connected(memcached_url, default_noreply=False) as client:
        added = client.add("colour", "blue"), client.add("colour", "red"), client.replace("none", "red")
        replaced = client.replace("colour", "b"), client.prepend("colour", "a"), client.append("colour", "c")
        return added, replaced, client.get("colour")


@scenario(integration)
def counted_and_kept(memcached_url):
    with connected(memcached_url, key_prefix="count:") as client:
        client["visits"] = 40
        counted = client.incr("visits", 3), client.decr("visits", value=1), client.incr("none", 1)
        kept = client.touch("visits", 60, noreply=False), client.touch("none", noreply=False)
        del client["visits"]
        return counted, kept, client.delete("visits", noreply=False), client.get("visits")


@scenario(integration)
def asked_about_itself(memcached_url):
    with connected(memcached_url) as client:
        told = client.version(), sorted(client.stats("settings"))[:3], client.cache_memlimit(64)
        answered = client.raw_command("mn"), client.raw_command(b"get colour", "END\r\n")
        flushed = client.flush_all(noreply=False), client.quit()
        return told, answered, flushed, tried([client.shutdown]), client.get("colour")


def calls_of_all(client):
    """The commands that clients of several clients have, each on what is there and what is not."""
    return (
        lambda: client.set("colour", "blue"),
        lambda: client.set(key="hue", value="b", expire=60),
        lambda: client.set_many({"a": 1, "b": 2}),
        lambda: client.set_multi(values={"c": 3}),
        lambda: client.add("colour", "red"),
        lambda: client.add("shade", "dark"),
        lambda: client.replace("none", "red"),
        lambda: client.append("hue", "c"),
        lambda: client.prepend("hue", "a"),
        lambda: client.get("hue"),
        lambda: client.get("none", 1),
        lambda: client.get_many(["a", "none"]),
        lambda: client.get_multi(keys=["b", "c"]),
        lambda: client.gets("none"),
        lambda: list(client.gets_many(["a", "none"])),
        lambda: client.cas("colour", "red", client.gets("colour")[1]),
        lambda: client.cas("none", "red", 1),
        lambda: client.get("colour"),
        lambda: client.incr("a", 41),
        lambda: client.decr("a", value=2),
        lambda: client.incr("none", 1),
        lambda: client.touch("b", 60),
        lambda: client.touch("none"),
        lambda: client.delete("b"),
        lambda: client.delete("b"),
        lambda: client.delete_many(["c"]),
        lambda: client.delete_multi(keys=["shade"]),
        lambda: client.flush_all(),
        lambda: client.flush_all(delay=0),
        lambda: client.quit(),
        lambda: client.get("a"),
    )


@scenario(integration)
def pooled(memcached_url):
    with connected(memcached_url, pymemcache.PooledClient, max_pool_size=2, default_noreply=False) as client:
        told = client.version(), sorted(client.stats("settings"))[:3], client.raw_command("mn")
        return told, tried(calls_of_all(client)), tried([client.shutdown])


@scenario(integration)
def hashed(memcached_url):
    with connected(memcached_url, HashClient, default_noreply=False) as client:
        return tried(calls_of_all(client)), client.gets_multi(["b"])


@scenario(integration)
def hashed_and_pooled(memcached_url):
    with connected(memcached_url, HashClient, use_pooling=True) as client:
        return client.set("colour", "blue"), client.get("colour"), client.set_many({"a": 1}), client.get_multi(["a"])


@scenario(integration)
def objects_of_the_application(memcached_url):
    class Ledger(pymemcache.Client):
        def get(self, key, default=None):
            return super().get(f"ledger:{key}", default)

    with connected(memcached_url, Ledger, serde=serde.pickle_serde) as client:
        client.set("ledger:colour", {"name": "blue", "hue": 240})
        return client.get("colour"), client.get("hue", 1), isinstance(client, pymemcache.Client)


@scenario(integration)
def tried_again(memcached_url):
    with connected(memcached_url) as client:
        again = RetryingClient(client, attempts=2, retry_for=[pymemcache.MemcacheClientError])
        return again.set("colour", "blue"), again.get("colour"), tried([lambda: again.incr("colour", 1)])


@scenario(integration)
def keys_of_any_name(memcached_url, word):
    outcomes = []
    for kind in (pymemcache.Client, pymemcache.PooledClient, HashClient):
        with connected(memcached_url, kind) as client:
            outcomes += tried(
                [
                    lambda: client.set(word, word),
                    lambda: client.get(word),
                    lambda: client.get_many([f"{word}:{number}" for number in range(100)]),
                    lambda: client.delete_many([word]),
                ]
            )
    return outcomes


@scenario(integration)
def values_stay_out(memcached_url, secret):
    with connected(memcached_url, default_noreply=False) as client:
        stored = client.set("user", secret), client.set_many({"user": secret, "admin": secret})
        swapped = client.cas("user", secret, client.gets("user")[1]), client.append("user", secret)
        raw = f"set user 0 0 {len(secret)}\r\n{secret}"
        return stored, swapped, client.raw_command(raw), client.get_many(["user", "admin"]), client.get("none", secret)


@scenario(integration)
def illegal_keys(memcached_url):
    outcomes = []
    for kind in (pymemcache.Client, pymemcache.PooledClient, HashClient):
        with connected(memcached_url, kind) as client:
            outcomes += tried(
                [
                    lambda: client.get("two words"),
                    lambda: client.set("k" * 251, "long"),
                    lambda: client.get_many(["colour", "nul\0"]),
                    lambda: client.delete("gr\xfcn"),
                    lambda: client.get(1),
                    lambda: client.get(),
                    lambda: client.set_many(["colour"]),
                    lambda: client.incr("colour", "one"),
                ]
            )
    return outcomes


@scenario(integration)
def illegal_key(memcached_url):
    with connected(memcached_url) as client:
        return client.set("two words", "blue")


@scenario(integration)
def wrong_type(memcached_url):
    with connected(memcached_url, HashClient) as client:
        client.set("colour", "blue")
        return client.incr("colour", 1)


@scenario(integration)
def too_large(memcached_url):
    with connected(memcached_url, pymemcache.PooledClient, default_noreply=False) as client:
        return client.set("colour", "blue" * 500_000)


@scenario(integration)
def nobody_listens():
    with contextlib.closing(pymemcache.Client(NOBODY)) as client:
        return client.get("colour")


@scenario(integration)
def failures_are_ignored():
    outcomes = []
    clients = (
        pymemcache.Client(NOBODY, ignore_exc=True),
        pymemcache.PooledClient(NOBODY, ignore_exc=True),
        HashClient([NOBODY], ignore_exc=True, retry_attempts=0),
    )
    for client in clients:
        with contextlib.closing(client):
            outcomes += [client.get("colour"), client.get_many(["colour"]), client.get("colour", "red")]
    return outcomes
