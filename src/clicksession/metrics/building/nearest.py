"""What somebody may have meant by an event that does not occur."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from clicksession.metrics.roles import Name, Role, types_of
from clicksession.schema import EventSchema
from clicksession.schema.presets import PRESETS

__all__ = ["nearest"]


def nearest(name: Name, occurring: Sequence[str]) -> str:
    """Return a question that names the event type that was meant, or nothing.

    Of several, the first: `occurring` names the most frequent first. A role may be played by what
    some vendor calls so.

    Examples
    --------
    >>> nearest("kart", ["view", "cart"])
    "Did you mean 'cart'?"
    >>> nearest(Role("order"), ["Product Added", "Order Completed"])
    "Did you mean 'Order Completed'?"
    >>> nearest("cart", ["view"])
    ''
    """
    found = _of_role(name, occurring) if isinstance(name, Role) else None
    found = found or _spelled_alike(types_of(name), occurring) or _sharing_words(name, occurring)
    return f"Did you mean {found!r}?" if found else ""


def _of_role(role: Role, occurring: Sequence[str]) -> str | None:
    known = {
        each
        for preset in PRESETS
        for each in dict(EventSchema.preset(preset).vocabulary).get(role.name, ())
        # A number may stand for anything elsewhere.
        if not each.isdigit()
    }
    return next((kind for kind in occurring if kind in known), None)


def _spelled_alike(types: tuple[str, ...], occurring: Sequence[str]) -> str | None:
    by_letters = {kind.casefold(): kind for kind in reversed(occurring)}
    for kind in types:
        if near := get_close_matches(kind.casefold(), list(by_letters), n=1):
            return by_letters[near[0]]
    return None


def _sharing_words(name: Name, occurring: Sequence[str]) -> str | None:
    """Return the type that has a word in common: of "placed_order", "Order Paid"."""
    wanted = {word for kind in types_of(name) for word in _words(kind)}
    return next((kind for kind in occurring if wanted & _words(kind)), None)


def _words(kind: str) -> set[str]:
    """Return the words of at least four letters, where they begin by a capital letter too."""
    return {word.casefold() for word in re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}", kind)}
