"""What a metric means by an event: its type, or the role that it plays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.schema import Vocabulary, event_type, event_types

__all__ = [
    "AUTOCAPTURE",
    "HEARTBEAT",
    "ORDER",
    "PAGE_VIEW",
    "USUAL",
    "EventTypes",
    "Name",
    "Role",
    "in_words",
    "named",
    "roles_of",
    "types_of",
]

#: What plays a role where nobody says so. A role that is not here is played by events called so.
USUAL: Vocabulary = {
    "page_view": ("page_view", "screen_view", "$pageview"),
    "order": ("placed_order",),
    "heartbeat": ("page_ping",),
    "autocapture": ("$autocapture",),
}

M = TypeVar("M")


@keywords()
@dataclass(frozen=True)
class Role:
    """What an event means, whatever it is called: a page view, an order, a sign-up.

    A metric takes it in place of an event type. What plays the role is what the vocabulary of the
    target or of the call says; without a word there, the library's own names: ``"placed_order"``
    for an order; ``"page_view"``, ``"screen_view"`` and ``"$pageview"`` for a page view;
    ``"page_ping"`` for a heartbeat; ``"$autocapture"``; and for any other role the events that are
    called as the role is.

    Parameters
    ----------
    name
        ``"page_view"``, ``"product_view"``, ``"search"``, ``"cart"``, ``"checkout"``, ``"order"``,
        ``"sign_up"``, ``"login"``, ``"heartbeat"``, ``"autocapture"``, or one of your own.
    called
        The event types that play it, if that is to be said here. It is enough that one of them
        occurs.

    Raises
    ------
    ParameterError
        `name` is no text, or `called` are no event types.

    Examples
    --------
    >>> Role("order").types, Role("order", called="purchase").types, Role("sign_up").types
    (('placed_order',), ('purchase',), ('sign_up',))
    """

    name: str
    called: str | int | Sequence[str | int] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            must = "the name of a role, such as 'order'"
            raise ParameterError("Role", "name", must, self.name)
        called = event_types(self.called)
        if called is None:
            raise ParameterError("Role", "called", "event types", self.called)
        object.__setattr__(self, "called", called)

    @property
    def types(self) -> tuple[str, ...]:
        """The event types that play the role."""
        return event_types(self.called) or USUAL.get(self.name, (self.name,))


#: What the defaults of metrics mean.
ORDER, PAGE_VIEW = Role("order"), Role("page_view")
HEARTBEAT, AUTOCAPTURE = Role("heartbeat"), Role("autocapture")

#: One part of what a parameter names: an event type, or a role.
Name = str | Role
#: What a parameter takes that names events; a whole number is an event type that is one.
EventTypes = str | int | Role | Sequence[str | int | Role]


def named(given: Any) -> tuple[Name, ...] | None:
    """Return what a parameter names as a tuple; None for what names no event.

    Examples
    --------
    >>> named(("view", 3)), named(7.5)
    (('view', '3'), None)
    """
    several = given if isinstance(given, tuple | list) else (given,)
    found = [one if isinstance(one, Role) else event_type(one) for one in several]
    return None if None in found else tuple(one for one in found if one is not None)


def types_of(names: Any) -> tuple[str, ...]:
    """Return the event types that names and roles come to, each once.

    Examples
    --------
    >>> types_of(("buy", Role("order")))
    ('buy', 'placed_order')
    """
    several: Iterable[Any] = names if isinstance(names, tuple | list) else (names,)
    found = (one.types if isinstance(one, Role) else (str(one),) for one in several)
    return tuple(dict.fromkeys(each for types in found for each in types))


def roles_of(metric: Any) -> list[str]:
    """Return the roles in the parameters of a metric of which nothing says who plays them."""
    found = [one for each in fields(metric) for one in _flat(getattr(metric, each.name))]
    return [one.name for one in found if isinstance(one, Role) and not one.called]


def _flat(value: Any) -> list[Any]:
    """Return the parts of a tuple, and of tuples in it, as steps have them."""
    return [one for part in value for one in _flat(part)] if isinstance(value, tuple) else [value]


def in_words(metric: M, vocabulary: Mapping[str, tuple[str, ...]]) -> M:
    """Return a metric whose roles are played by what a vocabulary says."""
    if not set(roles_of(metric)) & set(vocabulary):
        return metric

    def said(one: Any) -> Any:
        if isinstance(one, tuple):
            return tuple(map(said, one))
        is_open = isinstance(one, Role) and not one.called and one.name in vocabulary
        return Role(one.name, vocabulary[one.name]) if is_open else one

    shown: Any = metric
    values = {each.name: getattr(shown, each.name) for each in fields(shown) if each.init}
    changes = {name: said(value) for name, value in values.items() if isinstance(value, tuple)}
    changed: M = replace(shown, **changes)
    return changed
