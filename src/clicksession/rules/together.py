"""Refuse rules that say nothing together, or opposite things."""

from collections.abc import Mapping
from typing import Any

from clicksession.errors import ParameterError
from clicksession.rules.said import MARKS, Said

__all__ = ["BELONGS_TO", "check_together"]

#: A choice that only means something beside the rule that it belongs to.
BELONGS_TO = {
    "at_timeout": "timeout",
    "resolution": "timeout",
    "measured_from": "timeout",
    "timeout_column": "timeout",
    "rounding": "resolution",
    "rounded": "resolution",
    "at_max_duration": "max_duration",
    "at_max_events": "max_events",
    "change_from_empty": "change",
    "change_to_empty": "change",
    "change_memory": "change",
    "change_from_column": "change",
}
# An event type cannot be of both.
_OPPOSED = {
    "excluded_events": ("start_events", "end_events", "delimiter_events"),
    "delimiter_events": ("start_events", "end_events"),
}


def check_together(rules: Said, given: Mapping[str, Any]) -> None:
    """Refuse rules that contradict each other; `given` has those that are not at their default.

    Raises
    ------
    ParameterError
        With the first that cannot be, and what it must be.
    """
    for choice, rule in BELONGS_TO.items():
        missing = getattr(rules, rule) in (None, (), "exact")
        if choice in given and missing:
            must = f"left out where there is no `{rule}`"
            raise ParameterError("Rules", choice, must, given[choice])
    _check_times(rules)
    _check_events(rules)
    _check_changes(rules)
    _check_between(rules)
    if rules.session_column:
        # What an id that a tracker gave has decided already.
        for name in ("change", *MARKS):
            if name in given:
                must = "left out where a column says which session an event is of"
                raise ParameterError("Rules", name, must, given[name], _WITH_GIVEN)
    if rules.timeout is None and rules.has_timeout_only:
        must = "a duration, or None beside another rule that ends a session"
        raise ParameterError("Rules", "timeout", must, None)


_WITH_GIVEN = (
    "With `session_column` go a timeout, `midnight`, the limits (`max_duration`, `max_events`, "
    "`max_rate`) and excluded events."
)


def _check_times(rules: Said) -> None:
    if rules.timeout_column and rules.measured_from != "previous":
        must = "'previous' where each event has its own timeout (`timeout_column`)"
        raise ParameterError("Rules", "measured_from", must, rules.measured_from)
    if rules.measured_from == "start_by_hour" and len(rules.sequential) > 1:
        must = "'start' or 'previous' beside a limit"
        raise ParameterError("Rules", "measured_from", must, "start_by_hour")
    if rules.at_max_events == "new" and rules.max_events == 1:
        must = "at least 2 where the event with this number starts a new session"
        raise ParameterError("Rules", "max_events", must, 1)


def _check_events(rules: Said) -> None:
    """Refuse an event type that two rules want opposite things of."""
    for name, opposed in _OPPOSED.items():
        for other in opposed:
            both = set(getattr(rules, name)) & set(getattr(rules, other))
            if both:
                must = f"other event types than those of `{other}`"
                raise ParameterError("Rules", name, must, sorted(both)[0])


def _check_changes(rules: Said) -> None:
    """Refuse a memory of values where it could not matter."""
    if rules.change_memory == "session" and rules.change_to_empty:
        must = "'pause' where a value does not count on (`change_to_empty`)"
        raise ParameterError("Rules", "change_memory", must, "session")
    if rules.change_from_column is None:
        return
    if rules.change_from_empty:
        must = "False beside `change_from_column`, which says after what a value is a change"
        raise ParameterError("Rules", "change_from_empty", must, True)
    if rules.change_memory != "session":
        must = "'session' beside `change_from_column`"
        raise ParameterError("Rules", "change_memory", must, rules.change_memory)


def _check_between(rules: Said) -> None:
    """Refuse bounds of which one is missing, or bounds of two kinds."""
    if not rules.between:
        return
    starts, ends, delimiters = (
        bool(rules.names(f"{kind}_events") or getattr(rules, f"{kind}_column"))
        for kind in ("start", "end", "delimiter")
    )
    if (starts and ends) == delimiters or (delimiters and (starts or ends)):
        must = "given with events that start and events that end a session, or with delimiters"
        raise ParameterError("Rules", "between", must, True)
