"""Turn what a caller gave for a rule into what `Rules` keeps, or say what it must be."""

from collections.abc import Iterable
from datetime import timedelta
from numbers import Integral
from operator import index
from zoneinfo import ZoneInfo, available_timezones

from clicksession.durations import as_duration
from clicksession.errors import ParameterError, did_you_mean

__all__ = ["as_count", "as_name", "as_names", "as_rate", "as_switch", "as_word", "as_zone"]


def as_word(value: object, words: tuple[str, ...], parameter: str) -> str:
    """Return one of a few words."""
    if isinstance(value, str) and value in words:
        return value
    *others, last = [repr(word) for word in words]
    must = f"{', '.join(others)} or {last}"
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    raise ParameterError("Rules", parameter, must, value, hint)


def as_switch(value: object, parameter: str) -> bool:
    """Return a bool, and no other thing that is true or false."""
    if isinstance(value, bool):
        return value
    raise ParameterError("Rules", parameter, "True or False", value)


def as_count(value: object, parameter: str, least: int) -> int:
    """Return a whole number of events."""
    try:
        count = index(value)  # type: ignore[arg-type]  # what is no number is caught
    except TypeError:
        count = least - 1
    if isinstance(value, bool) or count < least:
        raise ParameterError("Rules", parameter, f"a whole number from {least} on", value)
    return count


def as_rate(value: object, parameter: str) -> tuple[int, timedelta]:
    """Return a number of events and the time that they must not all fall within."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        must = "a number of events and a duration, such as (100, '100s')"
        raise ParameterError("Rules", parameter, must, value)
    events, within = value
    return as_count(events, parameter, 1), as_duration(within, who="Rules", parameter=parameter)


def as_name(value: object, parameter: str) -> str:
    """Return the name of a column."""
    if isinstance(value, str) and value:
        return value
    raise ParameterError("Rules", parameter, "the name of a column", value)


def as_names(value: object, parameter: str) -> tuple[str, ...]:
    """Return names, each once; one text is one name."""
    names = (value,) if isinstance(value, str) else value
    if isinstance(names, Iterable):
        names = tuple(names)
        if all(isinstance(name, str) and name for name in names):
            return tuple(dict.fromkeys(names))
    given = names if isinstance(names, tuple) else (value,)
    numbers = filter(None, map(_as_event_type, given)) if parameter.endswith("_events") else ()
    hint = next(iter(numbers), "")
    raise ParameterError("Rules", parameter, "a name, or several in a tuple", value, hint)


def _as_event_type(given: object) -> str:
    """Return how a whole number is named as an event type, as a sentence."""
    is_number = isinstance(given, Integral) and not isinstance(given, bool)
    return f"A number goes by its text: {str(given)!r}." if is_number else ""


def as_zone(value: object, parameter: str) -> str:
    """Return the name of a time zone that this machine knows."""
    must = "the name of a time zone, such as 'Europe/Amsterdam' or 'UTC'"
    if not isinstance(value, str):
        raise ParameterError("Rules", parameter, must, value)
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        # An unknown name is a KeyError; a folder or a path out of the data is one of the others.
        near = did_you_mean(value, sorted(available_timezones()))
        raise ParameterError("Rules", parameter, must, value, near) from None
    return value
