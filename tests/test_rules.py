"""`Rules`: a value that is checked, compared, printed, hashed and kept as JSON."""

import pickle
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession import Rules
from clicksession.errors import ParameterError, UnknownNameError

SENTENCES = {
    Rules(): "A session ends after a pause of more than 30 minutes.",
    Rules(
        "30min", resolution="minute", rounding="nearest"
    ): "A session ends after a pause of more than 30 minutes, with the time between rounded to "
    "whole minutes.",
    Rules(
        "30s", at_timeout="new", resolution="second", rounded="times"
    ): "A session ends after a pause of 30 seconds or more, with both times cut down to whole "
    "seconds.",
    Rules(
        "30min", measured_from="start"
    ): "A session ends more than 30 minutes after its start.",
    Rules(
        "30min", measured_from="start_by_hour"
    ): "A session ends more than 30 minutes after its start and in another clock hour.",
    Rules(
        "30min", timeout_column="patience"
    ): "A session ends after a pause of more than 30 minutes (or each event's own timeout, where "
    "patience has one).",
    Rules(
        "30min", max_duration="12h", at_max_duration="new", max_events=1000, max_rate=(100, "100s")
    ): "A session ends after a pause of more than 30 minutes, 12 hours or more after its start, "
    "after 1000 events, or before it would have more than 100 events in under 1 minute 40 seconds.",
    Rules(None, max_events=2, at_max_events="new"): "A session ends after 1 event.",
    Rules(
        "30min", midnight="Europe/Amsterdam", change="utm_campaign"
    ): "A session ends after a pause of more than 30 minutes, at midnight in Europe/Amsterdam, or "
    "when utm_campaign changes to another value.",
    Rules(
        "30min", change=("a", "b"), change_from_empty=False, change_to_empty=True
    ): "A session ends after a pause of more than 30 minutes, or when a or b changes from one "
    "value to another or to none.",
    Rules(
        None, session_column="visit_id"
    ): "A session is what one user did with one value of visit_id; events without a value have "
    "none.",
    Rules(
        "30min", session_column="visit_id", midnight="UTC", excluded_events="ping"
    ): "A session is what one user did with one value of visit_id, and ends after a pause of more "
    "than 30 minutes, or at midnight in UTC; events without a value have none; events of "
    "event_type 'ping' do not count.",
    Rules(
        None, start_events="open", end_column="closed", between=True
    ): "A session lies between an event of event_type 'open' and the next event that closed marks, "
    "with both; events outside have none.",
    Rules(
        "30min", start_events="open", end_events="close", between=True
    ): "A session lies between an event of event_type 'open' and the next event of event_type "
    "'close', with both, and ends after a pause of more than 30 minutes; events outside have none.",
    Rules(
        None, delimiter_events="---", between=True
    ): "A session ends at an event of event_type '---', which belongs to no session; events before "
    "the first of these have none.",
    Rules(
        "30min", change="utm_campaign", change_from_empty=False, change_memory="session"
    ): "A session ends after a pause of more than 30 minutes, or when utm_campaign changes from "
    "one value to another within the session.",
    Rules(
        None,
        change="utm_campaign",
        change_from_empty=False,
        change_memory="session",
        change_from_column="referrer",
    ): "A session ends when utm_campaign changes from one value to another, or to a first one "
    "after referrer had one, within the session.",
    Rules(
        None,
        start_events=("login", "open"),
        end_column="closed",
        delimiter_events="---",
        excluded_events="heartbeat",
        excluded_column="is_server",
    ): "A session ends before an event of event_type 'login' or 'open', after an event that closed "
    "marks, or at an event of event_type '---', which belongs to no session; events of event_type "
    "'heartbeat' or that is_server marks do not count.",
}  # fmt: skip


@pytest.mark.parametrize("rules", SENTENCES, ids=range(len(SENTENCES)))
def test_sentence_json_hash_and_pickle(rules: Rules) -> None:
    assert str(rules) == SENTENCES[rules]
    for again in (
        Rules.from_json(rules.to_json()),
        pickle.loads(pickle.dumps(rules)),
        eval(repr(rules)),
    ):
        assert again == rules
        assert hash(again) == hash(rules)
        assert again.to_json() == rules.to_json()


def test_forms_that_mean_the_same_are_equal() -> None:
    assert Rules(max_rate=[100, "100s"]) == Rules(max_rate=(100, timedelta(seconds=100)))
    assert Rules(change="a") == Rules(change=["a", "a"])
    assert Rules(max_duration="1h") == Rules(max_duration="60min") != Rules(max_duration="59min")


BAD = {
    "a zone": (
        {"midnight": "Europe/Amsterdan"},
        "Rules: `midnight` must be the name of a time zone, such as 'Europe/Amsterdam' or 'UTC'; "
        "got 'Europe/Amsterdan'. Did you mean 'Europe/Amsterdam'?",
    ),
    "a zone that is a path": ({"midnight": "../etc"}, "`midnight` must be the name of a time zone"),
    "a switch for a zone": ({"midnight": True}, "`midnight` must be the name of a time zone"),
    "no timeout": ({"timeout": "0s"}, "`timeout` must be a positive duration"),
    "a negative duration": ({"max_duration": "-1h"}, "`max_duration` must be a positive duration"),
    "nothing that ends": ({"timeout": None}, "`timeout` must be a duration, or None beside"),
    "only exclusion": (
        {"timeout": None, "excluded_events": "x"},
        "`timeout` must be a duration, or None beside",
    ),
    "a misspelt word": (
        {"resolution": "minutes"},
        "Rules: `resolution` must be 'exact', 'second' or 'minute'; got 'minutes'. "
        "Did you mean 'minute'?",
    ),
    "no events": ({"max_events": 0}, "`max_events` must be a whole number from 1 on; got 0"),
    "a bool": ({"max_events": True}, "`max_events` must be a whole number from 1 on; got True"),
    "half an event": ({"max_events": 1.5}, "`max_events` must be a whole number from 1 on"),
    "an empty session": ({"max_events": 1, "at_max_events": "new"}, "must be at least 2"),
    "no rate": ({"max_rate": 100}, r"such as \(100, '100s'\); got 100"),
    "a rate without unit": ({"max_rate": (100, 100)}, "`max_rate` must be a positive duration"),
    "a number for a column": ({"change": 3}, r"`change` must be a name, .*; got 3\.$"),
    "a number for an event": ({"start_events": 3}, r"got 3\. A number goes by its text: '3'\.$"),
    "a number among events": ({"end_events": ("a", 3)}, "A number goes by its text: '3'"),
    "a truth for an event": ({"end_events": True}, r"got True\.$"),
    "no column": ({"start_column": ""}, "`start_column` must be the name of a column; got ''"),
    "a word for a switch": (
        {"change": "a", "change_to_empty": "yes"},
        "`change_to_empty` must be True or False",
    ),
    "a boundary of nothing": (
        {"at_max_duration": "new"},
        "`at_max_duration` must be left out where there is no `max_duration`; got 'new'",
    ),
    "rounding of nothing": ({"rounding": "nearest"}, "must be left out .* no `resolution`"),
    "a policy of nothing": ({"change_to_empty": True}, "must be left out .* no `change`"),
    "both in and out": (
        {"excluded_events": ("a", "b"), "start_events": "b"},
        "`excluded_events` must be other event types than those of `start_events`; got 'b'",
    ),
    "an hour and a limit": (
        {"measured_from": "start_by_hour", "max_events": 5},
        "`measured_from` must be 'start' or 'previous' beside a limit; got 'start_by_hour'",
    ),
    "an id and a change": (
        {"session_column": "visit", "change": "campaign"},
        "`change` must be left out where a column says which session an event is of; got .*With "
        "`session_column` go a timeout, `midnight`, the limits",
    ),
    "an id and bounds": (
        {"session_column": "v", "start_events": "a", "end_events": "b", "between": True},
        "`start_events` must be left out where a column says which session",
    ),
    "a start without an end": (
        {"start_events": "a", "between": True},
        "`between` must be given with events that start and events that end a session, or with",
    ),
    "bounds of two kinds": (
        {"start_events": "a", "end_events": "b", "delimiter_events": "c", "between": True},
        "`between` must be given with events that start and events that end a session, or with",
    ),
    "a memory of nothing": ({"change_memory": "session"}, "left out where there is no `change`"),
    "a memory that cannot matter": (
        {"change": "a", "change_to_empty": True, "change_memory": "session"},
        "`change_memory` must be 'pause' where a value does not count on",
    ),
    "a column after anything": (
        {"change": "a", "change_from_column": "b", "change_memory": "session"},
        "`change_from_empty` must be False beside `change_from_column`",
    ),
    "a column beyond the session": (
        {"change": "a", "change_from_column": "b", "change_from_empty": False},
        "`change_memory` must be 'session' beside `change_from_column`",
    ),
    "own timeouts from the start": (
        {"timeout_column": "t", "measured_from": "start"},
        "`measured_from` must be 'previous' where each event has its own timeout",
    ),
}


@pytest.mark.parametrize(("given_rules", "sentence"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused(given_rules: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence.replace("?", r"\?")):
        Rules(**given_rules)


def test_json_of_another_kind_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"no rule called 'max_evnts'.*'max_events'"):
        Rules.from_json('{"max_evnts": 5}')
    for text in ("[]", "no JSON"):
        with pytest.raises(ParameterError, match=r"must be JSON text that Rules\.to_json"):
            Rules.from_json(text)


def _rounded(gap: int, step: int, rounding: str) -> int:
    """The microseconds of a gap as a product with whole steps sees them; Python rounds to even."""
    return (gap // step if rounding == "down" else round(gap / step)) * step


@given(
    st.integers(1, 200),
    st.sampled_from(["s", "min"]),
    st.sampled_from(["second", "minute"]),
    st.sampled_from(["down", "nearest"]),
    st.sampled_from(["same", "new"]),
    st.sampled_from([1, 10**3, 10**6, 10**9]),
)
def test_the_longest_gap_is_the_longest(
    count: int, unit: str, resolution: Any, rounding: Any, boundary: Any, per_unit: int
) -> None:
    rules = Rules(f"{count}{unit}", boundary, resolution=resolution, rounding=rounding)
    assert isinstance(rules.timeout, timedelta)
    timeout = rules.timeout // timedelta(microseconds=1) * 1000
    longest = rules.longest_gap(per_unit)
    step = rules.resolution_in_nanoseconds
    for gap, stays in ((longest, longest >= 0), (longest + 1, False)):
        rounded = _rounded(gap * per_unit, step, rounding)
        assert (rounded <= timeout if boundary == "same" else rounded < timeout) is stays


def test_what_the_rules_look_at() -> None:
    rules = Rules(change=("a", "b"), start_events="x", excluded_column="e", timeout_column="t")
    assert set(rules.columns) == {"a", "b", "event_type", "e", "t"}
    assert Rules().columns == ()
    assert Rules().sequential == Rules().unbounded == ()
    assert Rules(max_events=3, measured_from="start").sequential == ("measured_from", "max_events")
    assert Rules(None, max_events=3).unbounded == ("timeout",)
    assert Rules(session_column="v").columns == ("v",)
    assert Rules(session_column="v").unbounded == ("session_column",)
    assert not Rules(session_column="v").has_timeout_only
    assert not Rules(session_column="v").gaps_decide
    assert Rules(change="a", change_memory="session").sequential == ("change_memory",)
    assert Rules(timeout_column="t").unbounded == ("timeout_column",)
    assert Rules(excluded_events="x").has_timeout_only
    assert not Rules(max_events=3).has_timeout_only


def test_the_front_door_has_them() -> None:
    assert cs.Rules is Rules
