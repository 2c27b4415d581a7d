"""The shipped cases: right by the plain loop and on every engine; and what is wrong is noticed."""

from typing import Any

import pandas as pd
import pytest

from clicksession.rules import Rules
from clicksession.testing.cases import Case, all_cases
from clicksession.testing.conformance import (
    ENGINES,
    ask,
    random_cases,
    report,
)
from clicksession.testing.reference import sessions_of

CASES = all_cases()
TOPICS = {
    "boundary",
    "sub-second",
    "ties",
    "null users",
    "null times",
    "zones",
    "daylight saving",
    "calendar",
    "few rows",
    "ids",
    "order of rows",
    "rules",
    "given",
    "between",
    "memory",
}


def test_the_table_covers_its_topics() -> None:
    assert {case.topic for case in CASES} == TOPICS
    assert len({(case.topic, case.name) for case in CASES}) == len(CASES)
    assert {case.log.unit for case in CASES} == {"s", "ms", "us", "ns"}


@pytest.mark.parametrize("case", CASES, ids=[f"{case.topic}: {case.name}" for case in CASES])
def test_the_plain_loop_says_what_was_written_by_hand(case: Case) -> None:
    found = sessions_of(case.log.events(), case.rules)
    assert tuple(one and one.index for one in found) == case.sessions
    assert [one and one.id for one in found] == case.session_ids()


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_is_right(engine: str) -> None:
    answers = ask(ENGINES[engine])
    assert [answer for answer in answers if answer.outcome != "right"] == []
    for case in CASES:
        ids = [None if pd.isna(one) else one for one in ENGINES[engine](case.frame(), case.rules)]
        assert ids == case.session_ids(), case.name


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sample_of_random_events(engine: str) -> None:
    for case in random_cases(seed=1, events=6000):
        ids = [None if pd.isna(one) else one for one in ENGINES[engine](case.frame(), case.rules)]
        assert ids == case.session_ids(), case.name


def _cut(events: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    import clicksession as cs

    return cs.sessionize(events, rules=rules)


def _off_by_the_boundary(events: pd.DataFrame, rules: Rules) -> list[Any]:
    other = "new" if rules.at_timeout == "same" else "same"
    flipped = Rules(rules.timeout, other)
    if rules != Rules(rules.timeout, rules.at_timeout):
        raise NotImplementedError("only a timeout")
    return _cut(events, flipped)["session_id"].tolist()


def _in_whole_seconds(events: pd.DataFrame, rules: Rules) -> list[Any]:
    coarse = Rules(rules.timeout, rules.at_timeout, resolution="second", rounded="times")
    return _cut(events, coarse)["session_id"].tolist()


def _without_nulls(events: pd.DataFrame, rules: Rules) -> list[Any]:
    return _cut(events, Rules("30min"))["session_id"].dropna().tolist()


def _glued(events: pd.DataFrame, rules: Rules) -> list[Any]:
    return _cut(events, rules)["session_id"].ffill().tolist()


def _failing(events: pd.DataFrame, rules: Rules) -> list[Any]:
    raise OSError("no such luck")


@pytest.mark.parametrize(
    ("function", "topic", "outcomes", "detail"),
    [
        (_off_by_the_boundary, "boundary", {"right", "wrong"}, "must be"),
        (_off_by_the_boundary, "rules", {"refused"}, "only a timeout"),
        (_in_whole_seconds, "sub-second", {"right", "wrong"}, "rows 0 and 1 must be apart"),
        (_without_nulls, "null users", {"wrong"}, "labels for 3 rows"),
        (_glued, "null times", {"right", "wrong"}, "must have no session"),
        (_failing, "ties", {"failed"}, "OSError: no such luck"),
    ],
)
def test_what_is_wrong_is_noticed(
    function: Any, topic: str, outcomes: set[str], detail: str
) -> None:
    answers = [answer for answer in ask(function) if answer.case.topic == topic]
    assert {answer.outcome for answer in answers} == outcomes
    assert any(detail in answer.detail for answer in answers)


def test_labels_need_only_tell_sessions_of_one_user_apart() -> None:
    def ordinals(events: pd.DataFrame, rules: Rules) -> list[Any]:
        return _cut(events, rules)["session_index"].tolist()

    assert {answer.outcome for answer in ask(ordinals)} == {"right"}


def test_the_report_counts_and_explains() -> None:
    text = report(ask(_off_by_the_boundary))
    assert "boundary         " in text
    assert "wrong: boundary, exactly at the timeout, us, at_timeout=same" in text
    assert "26 refused" in text
