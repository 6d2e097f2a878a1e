"""Wrap a library's functions where an integration declares it, and put all back exactly as it was."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any, Callable, Generator, Iterable, NamedTuple

from ddtrace.contrib._integration import Integration, Library, release_numbers
from ddtrace.contrib._tracing import shield
from ddtrace.internal.import_hooks import forget, when_imported
from ddtrace.internal.log import get_logger
from ddtrace.pin import Pin

log = get_logger(__name__)

Wrapper = Callable[[Callable[..., Any], Any, tuple, dict], Any]

_MISSING = object()


class Target(NamedTuple):
    """One place to wrap: a function of a module, or of a class in it, as in ``Target("redis.client", "Redis.get", w)``.

    ``wrapper`` is called as ``wrapper(wrapped, instance, args, kwargs)`` in the place of the function. ``replaces``
    names the arguments which it puts another in the place of, each with its position: the class that a function written
    in C is to make, where that is the only way to a traced object; headers, whose copy carries a context; or a function
    that is to be called within a span. All others are handed on as they are.
    """

    module: str
    path: str
    wrapper: Wrapper
    replaces: tuple[tuple[str, int], ...] = ()


class Patching:
    """All that an integration changes in its library.

    Each target is wrapped as soon as its module is imported, once even if another patching of the same integration did
    so before, and each ``change`` (a generator that does, yields, and undoes) is begun by ``patch``. The owner of a
    target bears a pin unless it inherits one, so that ``Pin.override`` works on it. ``unpatch`` restores what each
    owner held itself, in the opposite order. A release of the library that the integration is not tested with is left
    alone.
    """

    def __init__(
        self,
        integration: Integration,
        targets: Iterable[Target] = (),
        changes: Iterable[Callable[[], Generator[None, None, None]]] = (),
    ) -> None:
        self.integration = integration
        self.targets = tuple(targets)
        self.changes = tuple(changes)
        self.is_patched = False
        self.pinned: list[Any] = []
        """The classes and modules which bear a pin of ours while patched."""
        self._undo: list[partial] = []

    @property
    def is_tracing(self) -> bool:
        """Whether the library is changed, or will be where it is imported; one that is left alone never is."""
        return bool(self._undo)

    def patch(self) -> None:
        """Begin tracing the library; a second call does nothing."""
        if self.is_patched:
            return
        self.is_patched = True
        left_alone = {library for library in self.integration.libraries if not is_supported(library)}
        if len(left_alone) == len(self.integration.libraries):
            return
        for module in dict.fromkeys(target.module for target in self.targets):
            if library_of(module, self.integration) in left_alone:
                continue
            self._undo.append(partial(forget, module, self._wrap_targets_in))
            when_imported(module, self._wrap_targets_in)
        for change in self.changes:
            generator = change()
            self._undo.append(partial(next, generator, None))
            next(generator)

    def unpatch(self) -> None:
        """End tracing the library, and leave it as it was."""
        self.integration.stop_waiting()
        while self._undo:
            with shield(f"undo a change of {self.integration.name}"):
                self._undo.pop()()
        self.pinned.clear()
        self.is_patched = False

    def _wrap_targets_in(self, module: ModuleType) -> None:
        for target in self.targets:
            if target.module == module.__name__:
                # This runs within the application's own import statement, which must not fail for our sake.
                with shield(f"wrap {target.module}.{target.path}"):
                    self._wrap(target)

    def _wrap(self, target: Target) -> None:
        # Here and not on top: wrapt imports asyncio and ssl, which gevent has to patch before anybody imports them.
        import wrapt

        from ddtrace.contrib._wrapper import Wrapper as Replacement

        owner, name, original = wrapt.resolve_path(target.module, target.path)
        if self._is_wrapped(original):
            return
        # A class may only inherit this function. Writing the parent's copy back would pin it to this class for ever,
        # so absence is remembered and restored as absence.
        own = vars(owner).get(name, _MISSING)
        wrapper = Replacement(original, target.wrapper)
        wrapper._self_integration = self.integration.name
        wrapper._self_place = f"{target.module}:{target.path}"
        wrapt.apply_patch(owner, name, wrapper)
        # A module that is reloaded has thrown our wrapper away, and what that one stood for must not come back.
        self._undo = [undo for undo in self._undo if not _is_restoring(undo, owner, name)]
        self._undo.append(partial(_restore, owner, name, own))
        if Pin.lookup(owner) is None:
            pin = Pin()
            pin.onto(owner)
            self.pinned.append(owner)
            self._undo.append(partial(pin.remove_from, owner))

    def _is_wrapped(self, function: Any) -> bool:
        return getattr(function, "_self_integration", None) == self.integration.name


def _restore(owner: Any, name: str, own: Any) -> None:
    if own is _MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, own)


def _is_restoring(undo: partial, owner: Any, name: str) -> bool:
    return undo.func is _restore and undo.args[0] is owner and undo.args[1] == name


def library_of(module: str, integration: Integration) -> Library:
    """The library that a module is part of."""
    top = module.partition(".")[0]
    owners = (library for library in integration.libraries if top in {m.partition(".")[0] for m in library.modules})
    return next(owners, integration.libraries[0])


def is_supported(library: Library) -> bool:
    """Whether the installed release of a library is one that its integration is tested with.

    One logged line says so where it is not: a release below the oldest, or a major that was never tested.
    """
    installed = library.get_version()
    if not installed or not library.tested_releases:
        return True
    release = release_numbers(installed)
    oldest = library.tested_releases[0]
    newest = library.tested_releases[-1]
    # 2.1 is 2.1.0, but the shorter tuple would be the lesser one.
    padded = release + (0,) * (len(oldest) - len(release))
    if release and padded >= oldest and release[0] <= newest[0]:
        return True
    log.warning(
        "%s %s is not traced: the integration is tested with %s to %s.x",
        library.distribution,
        installed,
        ".".join(map(str, oldest)),
        newest[0],
    )
    return False
