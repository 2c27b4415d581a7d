"""Durations: always with a unit, exact to the microsecond."""

import re
from datetime import timedelta

from clicksession.errors import ParameterError

__all__ = ["as_duration", "as_text", "in_words"]

_MICROSECONDS = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_SPELLINGS = {
    "us": ("us", "µs", "microsecond", "microseconds"),
    "ms": ("ms", "millisecond", "milliseconds"),
    "s": ("s", "sec", "second", "seconds"),
    "min": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hour", "hours"),
    "d": ("d", "day", "days"),
}
_UNITS = {word: _MICROSECONDS[unit] for unit, words in _SPELLINGS.items() for word in words}
_PART = re.compile(r"\s*(\d+)(?:\.(\d+))?\s*([a-zµ]+)")
_WORDS = (("day", "d"), ("hour", "h"), ("minute", "min"), ("second", "s"))

_MUST = "a positive duration with its unit, such as '30min', '1h 30min' or a timedelta"


def as_duration(value: object, *, who: str, parameter: str) -> timedelta:
    """Return a positive duration, exact to the microsecond.

    Parameters
    ----------
    value
        Text with units (``"30min"``, ``"1h 30min"``, ``"0.5s"``), a `datetime.timedelta` or a
        `pandas.Timedelta`. A bare number is refused: nobody can see whether it means seconds.
    who, parameter
        Named in the error.

    Raises
    ------
    ParameterError
        The value has no unit, is not positive, or is finer than a microsecond.

    Examples
    --------
    >>> as_duration("30min", who="sessionize", parameter="timeout")
    datetime.timedelta(seconds=1800)
    >>> as_duration("1h 30m", who="sessionize", parameter="timeout")
    datetime.timedelta(seconds=5400)
    """
    duration = _parsed(value) if isinstance(value, str) else _exact(value)
    if duration is None or duration <= timedelta(0):
        raise ParameterError(who, parameter, _MUST, value)
    return duration


def as_text(duration: timedelta) -> str:
    """Return the duration as it is typed: the shortest text that `as_duration` reads as the same.

    Examples
    --------
    >>> as_text(timedelta(minutes=30)), as_text(timedelta(hours=1, seconds=0.5))
    ('30min', '1h 500ms')
    """
    rest = duration // timedelta(microseconds=1)
    parts = []
    for unit, size in reversed(_MICROSECONDS.items()):
        count, rest = divmod(rest, size)
        parts += [f"{count}{unit}"] if count else []
    return " ".join(parts)


def in_words(duration: timedelta) -> str:
    """Return the duration as a person would say it.

    Examples
    --------
    >>> in_words(timedelta(minutes=30)), in_words(timedelta(hours=1, seconds=0.5))
    ('30 minutes', '1 hour 0.5 seconds')
    """
    rest = duration // timedelta(microseconds=1)
    words = []
    for word, unit in _WORDS[:-1]:
        count, rest = divmod(rest, _MICROSECONDS[unit])
        if count:
            words.append(f"{count} {word}{'s' * (count != 1)}")
    if rest:
        seconds = f"{rest / 1_000_000:.6f}".rstrip("0").rstrip(".")
        words.append(f"{seconds} second{'s' * (seconds != '1')}")
    return " ".join(words)


def _parsed(text: str) -> timedelta | None:
    total, position = 0, 0
    while match := _PART.match(text.strip().lower(), position):
        whole, fraction, unit = match.groups()
        if unit not in _UNITS:
            return None
        # Integers only: 0.1 s must be 100,000 µs, not what a float makes of it.
        digits = fraction or ""
        part, remainder = divmod(int(whole + digits) * _UNITS[unit], 10 ** len(digits))
        if remainder:
            return None
        total, position = total + part, match.end()
    complete = position == len(text.strip()) and position > 0
    return timedelta(microseconds=total) if complete else None


def _exact(value: object) -> timedelta | None:
    if not isinstance(value, timedelta):
        return None
    # pandas.Timedelta is a timedelta that can be finer; NaT is not one.
    if getattr(value, "nanoseconds", 0):
        return None
    return timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
