"""Rules as one English sentence."""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

from clicksession.durations import in_words
from clicksession.rules.said import Said

__all__ = ["sentence"]


def sentence(rules: Said) -> str:
    """Return what ends a session, all of it."""
    ends = _ends(rules)
    text = f"A session ends {_either(ends)}" if ends else ""
    if rules.session_column:
        what = f"is what one user did with one value of {rules.session_column}"
        text = _told(what, ends, "events without a value have none")
    elif rules.between and _events(rules, "delimiter"):
        text += "; events before the first of these have none"
    elif rules.between:
        bounds = f"{_events(rules, 'start')} and the next {_events(rules, 'end')[3:]}"
        text = _told(f"lies between {bounds}, with both", ends, "events outside have none")
    excluded = _events(rules, "excluded")
    if excluded:
        text += f"; {excluded.replace('an event', 'events', 1)} do not count"
    return f"{text}."


def _told(what: str, ends: list[str], others: str) -> str:
    """Return what a session is, where that is not only what ends it."""
    also = f", and ends {_either(ends)}" if ends else ""
    return f"A session {what}{also}; {others}"


def _ends(rules: Said) -> list[str]:
    """Return what ends a session, one clause for each rule, in the order of the reasons."""
    clauses = []
    if rules.timeout is not None:
        clauses.append(_timeout(rules))
    if rules.midnight:
        clauses.append(f"at midnight in {rules.midnight}")
    if rules.change:
        clauses.append(_change(rules))
    # Bounds that lie on either side of a session are said by themselves.
    if not rules.between and (starts := _events(rules, "start")):
        clauses.append(f"before {starts}")
    if not rules.between and (ends := _events(rules, "end")):
        clauses.append(f"after {ends}")
    if delimiters := _events(rules, "delimiter"):
        clauses.append(f"at {delimiters}, which belongs to no session")
    if rules.max_duration is not None:
        clauses.append(f"{_limit(rules.max_duration, rules.at_max_duration)} after its start")
    if rules.max_events is not None:
        most = rules.max_events - (rules.at_max_events == "new")
        clauses.append(f"after {most} event{'s' * (most != 1)}")
    if rules.max_rate is not None:
        events, within = rules.max_rate
        pace = f"more than {events} event{'s' * (events != 1)} in under {_words(within)}"
        clauses.append(f"before it would have {pace}")
    return clauses


def _timeout(rules: Said) -> str:
    limit = _limit(rules.timeout, rules.at_timeout)
    if rules.measured_from == "previous":
        clause = f"after a pause of {limit}"
    else:
        clause = f"{limit} after its start"
    if rules.measured_from == "start_by_hour":
        clause += " and in another clock hour"
    if rules.timeout_column:
        clause += f" (or each event's own timeout, where {rules.timeout_column} has one)"
    if rules.resolution != "exact":
        how = "cut down" if rules.rounding == "down" else "rounded"
        what = "the time between" if rules.rounded == "gap" else "both times"
        clause += f", with {what} {how} to whole {rules.resolution}s"
    return clause


def _change(rules: Said) -> str:
    changed = f"when {_listed(rules.names('change'))} changes"
    start = "to another value" if rules.change_from_empty else "from one value to another"
    if rules.change_from_column:
        start += f", or to a first one after {rules.change_from_column} had one,"
    lasts = " within the session" if rules.change_memory == "session" else ""
    return f"{changed} {start}{' or to none' if rules.change_to_empty else ''}{lasts}"


def _events(rules: Said, kind: str) -> str:
    types = [repr(name) for name in rules.names(f"{kind}_events")]
    column = getattr(rules, f"{kind}_column")
    told = [f"of {rules.type_column} {_listed(types)}"] if types else []
    told += [f"that {column} marks"] if column else []
    return f"an event {_listed(told)}" if told else ""


def _limit(duration: str | timedelta | None, at: str) -> str:
    return f"more than {_words(duration)}" if at == "same" else f"{_words(duration)} or more"


def _words(duration: str | timedelta | None) -> str:
    return in_words(cast(timedelta, duration))


def _either(clauses: list[str]) -> str:
    # A clause may hold commas of its own: the last "or" has one before it.
    return f"{', '.join(clauses[:-1])}, or {clauses[-1]}" if len(clauses) > 1 else clauses[0]


def _listed(words: Iterable[str]) -> str:
    *others, last = list(words)
    return f"{', '.join(others)} or {last}" if others else last
