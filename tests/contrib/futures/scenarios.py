"""How programs use thread pools: one call, many, failures, cancellation, and calls that no pool takes."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

from ddtrace.contrib.futures import integration
from testkit import scenario


@scenario(integration)
def submit_by_position_and_by_name():
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(int, "ff", base=16).result(), pool.submit(dict, fn=1, self=2).result()


@scenario(integration)
def map_over_many():
    with ThreadPoolExecutor(max_workers=3) as pool:
        return list(pool.map(pow, range(20), range(20)))


@scenario(integration)
def function_that_raises():
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(int, "no number").result()


@scenario(integration)
def cancelled_before_it_begins():
    release = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as pool:
        first, second = pool.submit(release.wait), pool.submit(int, "1")
        was_cancelled = second.cancel()
        release.set()
        return first.result(), was_cancelled, second.cancelled()


@scenario(integration)
def initialised_workers():
    ready = []
    with ThreadPoolExecutor(2, "named", ready.append, (1,)) as pool:
        names = [pool.submit(lambda: threading.current_thread().name) for _ in range(3)]
        return sorted({done.result().partition("_")[0] for done in as_completed(names)}), ready[0]


@scenario(integration)
def without_a_function():
    with ThreadPoolExecutor() as pool:
        return pool.submit(fn=int)


@scenario(integration)
def after_the_shutdown():
    pool = ThreadPoolExecutor()
    pool.shutdown()
    return pool.submit(int)


@scenario(integration)
def pool_of_a_subclass():
    class Doubling(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            return super().submit(lambda: 2 * fn(*args, **kwargs))

    with Doubling(max_workers=1) as pool:
        return pool.submit(int, "21").result()
