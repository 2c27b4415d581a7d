"""`Rules`: what ends a session, as a value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, cast

from clicksession.display import Card, call
from clicksession.durations import as_duration, as_text, in_words
from clicksession.errors import ParameterError, UnknownNameError
from clicksession.keywords import keywords
from clicksession.rules import checks
from clicksession.rules.presets import PRESETS
from clicksession.rules.said import COLUMNS, Said
from clicksession.rules.sentence import sentence
from clicksession.rules.together import BELONGS_TO, check_together

__all__ = ["Rules", "as_rules"]

_MICROSECOND = timedelta(microseconds=1)
_RESOLUTIONS = {"second": 10**9, "minute": 60 * 10**9}
_WORDS = {
    "at_timeout": ("same", "new"),
    "resolution": ("exact", "second", "minute"),
    "rounding": ("down", "nearest"),
    "rounded": ("gap", "times"),
    "measured_from": ("previous", "start", "start_by_hour"),
    "at_max_duration": ("same", "new"),
    "at_max_events": ("same", "new"),
    "change_memory": ("pause", "session"),
}
_DURATIONS = ("timeout", "max_duration")
_SWITCHES = ("change_from_empty", "change_to_empty", "between")
_NAMES = ("change", "start_events", "end_events", "delimiter_events", "excluded_events")


@keywords()
@dataclass(frozen=True)
class Rules(Said):
    """What ends a session.

    With a timeout alone, a session is a maximal run of one user's events in which no gap exceeds
    the timeout. A gap of exactly the timeout stays in the session; ``at_timeout="new"`` makes it
    start a new one. Gaps are compared as integers at the data's own resolution. Every further
    rule that is given ends sessions too: a new session starts wherever any of them says so.
    [What ends a session](../explanation/rules.md) defines each to the row.

    Parameters
    ----------
    timeout
        The longest pause within a session: text with a unit, a `timedelta` or a
        `pandas.Timedelta`, kept as a `timedelta`. None: no pause ends a session, which needs
        another rule that does.
    at_timeout
        Where an event goes that comes exactly one timeout after the previous one: ``"same"``
        session or ``"new"`` one.
    resolution, rounding, rounded
        For products that compare more coarsely than ``"exact"``: in whole units of a ``"second"``
        or a ``"minute"``, cut ``"down"`` or rounded to the ``"nearest"`` (a half to the even
        one); what is rounded is the ``"gap"``, or both ``"times"`` before they are subtracted
        (in UTC).
    session_column
        A column of ids that a tracker gave, such as a visit's number: a session is what has one
        value in it, of one user, however the visits interleave. With a timeout, events of one
        value that are further apart are several sessions. An event without a value has no session.
        Values compare as ids do, by their text: 7, 7.0 and ``"7"`` are one.
    measured_from
        Where the gap is measured from: the ``"previous"`` event of the user; the ``"start"`` of
        the session; or ``"start_by_hour"``, which is measured from the start too, but ends the
        session only in another clock hour (in UTC), and otherwise measures from that event on;
        that goes with no limit.
    timeout_column
        A column of durations: each event keeps its session open for its own timeout, and
        `timeout` is for events without one. A session ends when the time of all its events has
        run out.
    max_duration, at_max_duration
        The longest time from a session's first event to a later one, and where an event goes that
        comes after exactly that.
    max_events, at_max_events
        A number of events: with ``"same"`` a session may have so many; with ``"new"`` the event
        that would be this one starts the next session.
    max_rate
        A number of events and a duration: the event that would make it more than so many events
        of one session in under this time starts a new one. ``(100, "100s")``.
    midnight
        The name of a time zone: a session ends at midnight there.
    change
        One column or several: a session ends when a value differs from the one before.
    change_from_empty, change_to_empty
        Whether a value after none is a change, and whether none after a value is. None is a null
        or an empty text. Where none after a value is no change, the value counts on.
    change_memory
        How long it counts on: to the next ``"pause"``, or to the end of the ``"session"``,
        whatever ends that.
    change_from_column
        A column whose values count before the first value of a session, such as a referrer: the
        first value is a change after one of these, and after nothing it is none.
    start_events, start_column
        Event types, and a boolean column: an event of these, or that is true there, starts a
        session.
    end_events, end_column
        The same for events that are the last of their session.
    delimiter_events, delimiter_column
        The same for events that end the session before them and belong to none.
    between
        Whether only what lies between a start and the next end, both with it, has a session; or,
        with delimiters in their place, only what comes after one.
    excluded_events, excluded_column
        The same for events that neither open nor extend a session: they have none, and all else
        is as if they were not there.
    type_column
        Where the event types are.

    Raises
    ------
    ParameterError
        A value that its rule cannot have, or rules that contradict each other.

    Examples
    --------
    >>> print(Rules("30min"))
    A session ends after a pause of more than 30 minutes.
    >>> print(Rules("1h", at_timeout="new"))
    A session ends after a pause of 1 hour or more.
    >>> print(Rules("30min", max_duration="12h", midnight="Europe/Amsterdam"))
    A session ends after a pause of more than 30 minutes, at midnight in Europe/Amsterdam, or more
    than 12 hours after its start.
    >>> print(Rules(None, session_column="visit_id"))
    A session is what one user did with one value of visit_id; events without a value have none.
    >>> Rules("30min") == Rules("1800s")
    True
    """

    def __post_init__(self) -> None:
        for name, value in self.given().items():
            object.__setattr__(self, name, _checked(name, value))
        check_together(self, self.given())

    def __str__(self) -> str:
        return sentence(self)

    def __repr__(self) -> str:
        return call(self, {name: _typed(value) for name, value in self.given().items()})

    def _repr_html_(self) -> str:
        given = self.given()
        # A timeout alone is all that the sentence says.
        facts = {name: _read(value) for name, value in given.items()} if len(given) > 1 else {}
        return Card(kind="Rules", sentences=[str(self)], facts=facts).html

    def to_json(self) -> str:
        """Return the rules as JSON text, from which `from_json` makes equal ones.

        Beside the timeout and its boundary it holds what is not left at its default.

        Examples
        --------
        >>> Rules("30min").to_json()
        '{"timeout": "1800000000us", "at_timeout": "same"}'
        >>> Rules("30min", max_events=10).to_json()
        '{"timeout": "1800000000us", "at_timeout": "same", "max_events": 10}'
        """
        always = {"timeout": self.timeout, "at_timeout": self.at_timeout}
        given = {**always, **self.given()}
        return json.dumps({name: _plain(value) for name, value in given.items()})

    @classmethod
    def from_json(cls, text: str) -> "Rules":
        """Return the rules of a text that `to_json` made.

        Raises
        ------
        ParameterError
            The text is no JSON object, or a value cannot be had.
        UnknownNameError
            It names a rule that there is not.

        Examples
        --------
        >>> Rules.from_json(Rules("1h").to_json()) == Rules("1h")
        True
        """
        try:
            given = json.loads(text)
        except (TypeError, ValueError):
            given = None
        if not isinstance(given, dict):
            must = "JSON text that Rules.to_json() made"
            raise ParameterError("Rules.from_json", "text", must, text)
        return cls(**_known(given))

    @classmethod
    def preset(cls, name: str, **changes: Any) -> "Rules":
        """Return the definition of a known product.

        [Presets](../reference/presets.md) lists them, with the source of each and what was
        assumed where the exact rule is not public.

        Parameters
        ----------
        name
            ``"original"``, ``"ga4"``, ``"matomo"``, ….
        changes
            Parameters that differ from the product's own, such as its time zone. With a rule that
            is left out (None, or ``()``) go the choices that belong to it.

        Raises
        ------
        UnknownNameError
            There is no such preset, or no such rule.

        Examples
        --------
        >>> print(Rules.preset("posthog"))
        A session ends after a pause of more than 30 minutes, or more than 1 day after its start.
        >>> print(Rules.preset("mixpanel", midnight="Europe/Paris", max_duration=None))
        A session ends after a pause of more than 30 minutes, or at midnight in Europe/Paris.
        """
        if name not in PRESETS:
            raise UnknownNameError("preset of rules", str(name), PRESETS)
        left_out = {rule for rule, value in changes.items() if value in (None, ())}
        rules = {
            rule: value
            for rule, value in PRESETS[name].rules.items()
            if BELONGS_TO.get(rule) not in left_out
        }
        return cls(**_known({**rules, **changes}))

    @classmethod
    def presets(cls) -> dict[str, "Rules"]:
        """Return the definitions of all known products, by their names.

        Examples
        --------
        >>> print(Rules.presets()["kafka_streams"])
        A session ends after a pause of more than 30 minutes.
        """
        return {name: cls.preset(name) for name in PRESETS}

    @property
    def resolution_in_nanoseconds(self) -> int:
        """What `resolution` cuts or rounds to; 1 for ``"exact"``."""
        return _RESOLUTIONS.get(self.resolution, 1)

    def longest_gap(self, nanoseconds_per_unit: int) -> int:
        """Return the longest gap within a session, as a whole number of units.

        Exact for every unit, also one that does not divide the timeout: a gap of whole units
        stays in the session precisely when it is not longer than this. Where the times are
        rounded, it is the gap between rounded times. Without a timeout it is longer than any.

        Examples
        --------
        >>> Rules("30min").longest_gap(10**9)
        1800
        >>> Rules("30min", at_timeout="new").longest_gap(10**6)
        1799999
        >>> Rules("30min", resolution="minute", rounding="nearest").longest_gap(10**9)
        1830
        """
        if self.timeout is None:
            return 2**64
        nanoseconds = cast(timedelta, self.timeout) // _MICROSECOND * 1000
        longest: int = self.longest_gap_of(nanoseconds, nanoseconds_per_unit)
        return longest

    def longest_gap_of(self, timeout: Any, nanoseconds_per_unit: int) -> Any:
        """Return `longest_gap` for another timeout in nanoseconds, or for an array of them."""
        if self.resolution == "exact" or self.rounded == "times":
            return (timeout - (self.at_timeout == "new")) // nanoseconds_per_unit
        step = self.resolution_in_nanoseconds
        # The most whole steps that are within the timeout, and the longest gap that rounds to it.
        steps = timeout // step if self.at_timeout == "same" else -(-timeout // step) - 1
        if self.rounding == "down":
            return ((steps + 1) * step - 1) // nanoseconds_per_unit
        # A half goes to the even neighbour: down to an even count, up from an odd one.
        return (steps * step + step // 2 - steps % 2) // nanoseconds_per_unit

    def longest_pause(self, nanoseconds_per_unit: int) -> int:
        """Return a gap that no session can bridge when it is any longer, in whole units.

        It is `longest_gap`, but for times that are rounded before they are subtracted: those can
        be one step of the resolution nearer than they were.
        """
        step = self.resolution_in_nanoseconds if self.rounded == "times" else 0
        return self.longest_gap(nanoseconds_per_unit) + step // nanoseconds_per_unit

    def longest_duration(self, nanoseconds_per_unit: int) -> int:
        """Return the longest time from a session's start to an event of it, in whole units."""
        if self.max_duration is None:
            return 2**64
        nanoseconds = cast(timedelta, self.max_duration) // _MICROSECOND * 1000
        return (nanoseconds - (self.at_max_duration == "new")) // nanoseconds_per_unit


def as_rules(timeout: str | timedelta, rules: Rules | None, *, who: str) -> Rules:
    """Return the rules that a caller's two parameters say together.

    `timeout` is the short form of `rules`; naming both, with a timeout other than the default,
    would leave open which one counts, and is refused.
    """
    if rules is None:
        if isinstance(timeout, Rules):
            hint = "Rules are given by name: rules=…"
            raise ParameterError(who, "timeout", "a duration with its unit", "Rules", hint)
        return Rules(as_duration(timeout, who=who, parameter="timeout"))
    if not isinstance(rules, Rules):
        raise ParameterError(who, "rules", "a clicksession.Rules, or None", rules)
    named = as_duration(timeout, who=who, parameter="timeout")
    if named not in (Rules().timeout, rules.timeout):
        raise ParameterError(
            who, "timeout", "left out where `rules` is given", timeout, "`rules` has its own."
        )
    return rules


def _checked(name: str, value: Any) -> Any:
    """Return one field as it is kept."""
    if value is None and name in (*_DURATIONS, *COLUMNS, "max_events", "max_rate", "midnight"):
        return None
    if name in _WORDS:
        return checks.as_word(value, _WORDS[name], name)
    if name in _DURATIONS:
        return as_duration(value, who="Rules", parameter=name)
    if name in _NAMES:
        return checks.as_names(value, name)
    if name == "max_events":
        return checks.as_count(value, name, 1)
    if name == "max_rate":
        return checks.as_rate(value, name)
    if name == "midnight":
        return checks.as_zone(value, name)
    if name in _SWITCHES:
        return checks.as_switch(value, name)
    return checks.as_name(value, name)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, timedelta):
        return f"{value // _MICROSECOND}us"
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _typed(value: Any) -> Any:
    """Return a value as one types it: a duration as text, one name without a tuple around it."""
    if isinstance(value, timedelta):
        return as_text(value)
    typed = tuple(map(_typed, value)) if isinstance(value, tuple) else value
    return typed[0] if isinstance(typed, tuple) and len(typed) == 1 else typed


def _read(value: Any) -> str:
    """Return a value as one reads it."""
    if isinstance(value, tuple):
        return ", ".join(map(_read, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return in_words(value) if isinstance(value, timedelta) else str(value)


def _known(given: Mapping[str, Any]) -> Mapping[str, Any]:
    names = [each.name for each in fields(Rules)]
    for name in given:
        if name not in names:
            raise UnknownNameError("rule", name, names)
    return given
