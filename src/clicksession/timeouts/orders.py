"""Which events are orders."""

from typing import Any

from clicksession.errors import ParameterError
from clicksession.metrics.roles import Role, named, types_of
from clicksession.schema import Vocabulary

__all__ = ["order_types"]


def order_types(events: Any, vocabulary: Vocabulary, who: str) -> tuple[str, ...]:
    """Return the event types that a caller means, in the words of a log.

    Raises
    ------
    ParameterError
        They are no event types and no roles.
    """
    names = named(events)
    if not names:
        raise ParameterError(who, "events", "event types or roles, at least one", events)
    return types_of(tuple(_said(name, vocabulary) for name in names))


def _said(name: str | Role, vocabulary: Vocabulary) -> str | Role:
    is_open = isinstance(name, Role) and not name.called and name.name in vocabulary
    return Role(name.name, vocabulary[name.name]) if is_open and isinstance(name, Role) else name
