"""What a log calls things: the event types that play a role."""

from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

from clicksession.errors import ParameterError

__all__ = ["Vocabulary", "as_vocabulary", "event_type", "event_types"]

#: A role, such as ``"order"``, to the event types that play it.
Vocabulary = dict[str, tuple[str, ...]]


def event_type(given: object) -> str | None:
    """Return an event type as it is stored, as text; None for what is none.

    Examples
    --------
    >>> event_type("purchase"), event_type(3), event_type(3.0)
    ('purchase', '3', None)
    """
    if isinstance(given, Integral) and not isinstance(given, bool):
        return str(int(given))
    return given if isinstance(given, str) and given else None


def event_types(given: Any) -> tuple[str, ...] | None:
    """Return one event type or several as a tuple of texts; None where one of them is none.

    Examples
    --------
    >>> event_types("view"), event_types(["view", 3]), event_types([""])
    (('view',), ('view', '3'), None)
    """
    one = event_type(given)
    if one is not None:
        return (one,)
    if isinstance(given, str) or not isinstance(given, Iterable):
        return None
    found = [event_type(each) for each in given]
    return tuple(dict.fromkeys(each for each in found if each)) if all(found) else None


def as_vocabulary(given: Any, *, who: str) -> Vocabulary:
    """Return the vocabulary that a caller gave: a mapping, or a schema that has one.

    A role for which no event type is named is left out: nothing is said of it.

    Raises
    ------
    ParameterError
        It is neither.

    Examples
    --------
    >>> as_vocabulary({"order": "purchase", "cart": ()}, who="compute")
    {'order': ('purchase',)}
    >>> as_vocabulary((("order", ("purchase",)),), who="compute")
    {'order': ('purchase',)}
    """
    # A schema keeps its own as pairs.
    is_said = isinstance(given, Mapping | tuple)
    named: Any = given if is_said else getattr(given, "vocabulary", None)
    must = "a mapping of roles to event types, such as {'order': 'purchase'}, or an EventSchema"
    try:
        found = {role: event_types(types) for role, types in dict(named).items()}
    except (TypeError, ValueError):
        raise ParameterError(who, "vocabulary", must, given) from None
    if not all(isinstance(role, str) and role for role in found) or None in found.values():
        raise ParameterError(who, "vocabulary", must, given)
    return {role: types for role, types in found.items() if types}
