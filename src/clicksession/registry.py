"""Named parts, loaded when their name is asked for: readers, writers and dialects.

A built-in part and one from another package take the same path: a name, and
the place where the object lives. Another package registers through an entry
point of the registry's group.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from clicksession.errors import ClicksessionError, UnknownNameError

__all__ = ["Registry"]


@dataclass(frozen=True)
class Registry:
    """Where the parts of one kind live, by name.

    Parameters
    ----------
    kind
        What the parts are, for messages: ``"reader"``.
    group
        The entry-point group that other packages register in.
    builtin
        Name to ``"package.module:object"`` for the parts of this package.
    """

    kind: str
    group: str
    builtin: Mapping[str, str]
    _loaded: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, name: str) -> Any:
        """Return the part of this name, imported now if it was not yet.

        Raises
        ------
        UnknownNameError
            Nothing is registered under the name.
        ClicksessionError
            Two packages provide the name.
        """
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def __contains__(self, name: str) -> bool:
        return name in self.builtin or any(entry.name == name for entry in self._entries)

    def names(self) -> tuple[str, ...]:
        """Return every name that can be found, sorted."""
        return tuple(sorted({*self.builtin, *(entry.name for entry in self._entries)}))

    def _load(self, name: str) -> Any:
        entries = [entry for entry in self._entries if entry.name == name]
        providers = [entry.value for entry in entries]
        if name in self.builtin:
            providers.append(self.builtin[name])
        if len(providers) > 1:
            raise ClicksessionError(
                f"the {self.kind} {name!r} is provided {len(providers)} times: "
                f"{', '.join(sorted(providers))}. Uninstall all but one."
            )
        if not providers:
            raise UnknownNameError(self.kind, name, self.names())
        if entries:
            return entries[0].load()
        module, _, attribute = self.builtin[name].partition(":")
        return getattr(import_module(module), attribute)

    @cached_property
    def _entries(self) -> tuple[EntryPoint, ...]:
        # Finding them opens a file of every installed package: once, at the first question.
        return tuple(entry_points(group=self.group))
