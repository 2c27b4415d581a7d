"""Tables by rules beyond a timeout: any history leaves what the plain loop makes of its events."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

import clicksession as cs
from clicksession import Rules
from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.testing.reference import Event, sessions_of
from tests.logs import microseconds
from tests.writers.content import content_at, content_of
from tests.writers.merging.test_any_history import AnyHistory

RULES = [
    Rules("30min"),
    Rules("30min", max_duration="1h", max_events=3),
    Rules("60min", max_events=2, at_max_events="new", max_rate=(1, "2min")),
    Rules("30min", change="campaign", excluded_events="ping"),
    Rules("30min", change="campaign", change_to_empty=True, midnight="Europe/Amsterdam"),
    Rules("60min", start_events="login", end_column="closes", delimiter_events="---"),
    Rules("30min", measured_from="start"),
    Rules("30min", resolution="minute", rounded="times"),
    Rules("31min", resolution="minute", rounding="nearest"),
    Rules(None, delimiter_events="---", max_events=4),
    Rules(None, session_column="visit"),
    Rules("30min", session_column="visit", max_events=3, excluded_events="ping"),
    Rules(None, start_events="login", end_column="closes", between=True),
    Rules("31min", delimiter_events="---", between=True),
    Rules(
        "60min",
        change="campaign",
        change_from_empty=False,
        change_memory="session",
        change_from_column="visit",
        max_events=4,
    ),
]


def _said_of(number: int) -> dict[str, Any]:
    """What an event of this number is, beside its user and time."""
    return {
        "event_type": ["view", "login", "ping", "---", None][number % 5],
        "campaign": [None, "a", "", "b"][number % 4],
        "closes": [False, True, None][number % 3],
        "visit": ["7", None, "10", "7", "b", ""][number % 6],
    }


class AnyHistoryByAnyRules(AnyHistory):
    """The same, with events that rules look at."""

    by = RULES[0]
    conversions = ("view", "login", "ping", "never")

    @initialize(by=st.sampled_from(RULES[1:]))
    def begin(self, by: Rules) -> None:
        self.by = by
        super().begin()

    def _writer(self, *conversions: str, edges: Collection[str] = ()) -> cs.SQLWriter:
        tables = self._tables_keeping(conversions, edges)
        return cs.SQLWriter(self.engine, rules=self.by, tables=tables)

    def _frame(self, events: list[Any]) -> pd.DataFrame:
        said = pd.DataFrame([_said_of(number) for number, *_ in events])
        said = said.reindex(columns=list(_said_of(0)))
        texts = dict.fromkeys(["event_type", "campaign", "visit"], "str")
        said = said.astype({**texts, "closes": "boolean"})
        return super()._frame(events).drop(columns="event_type").join(said)

    @precondition(lambda self: self.log)
    @rule(minutes=st.sampled_from(RULES))
    def rebuild(self, minutes: Rules) -> None:
        self.by = minutes
        self.writer = self._writer()
        self.writer.rebuild()

    @invariant()
    def the_tables_are_those_of_one_write(self) -> None:
        with self.engine.connect() as connection:
            if not self.tables.exist(connection):
                assert not self.log
                return
        found = content_of(self.engine, self.tables)
        events = [
            Event(user, None if time is None else time * 1000, number, _said_of(number))
            for number, (user, time, *_) in self.log.items()
        ]
        expected = sessions_of(events, self.by)
        assert {row["event_id"]: row["session_id"] for row in found["events"]} == {
            event.event_id: session and session.id
            for event, session in zip(events, expected, strict=True)
        }
        sessions = {session.id: session for session in expected if session}
        assert [
            (
                row["session_id"],
                row["user_id"],
                microseconds(pd.Timestamp(row["started_at"])),
                microseconds(pd.Timestamp(row["ended_at"])),
                row["event_count"],
                row["start_reason"],
            )
            for row in found["sessions"]
        ] == sorted(
            (s.id, s.user, s.times[0] // 1000, s.times[-1] // 1000, len(s.times), s.reason)
            for s in sessions.values()
        )
        ids = [session and session.id for session in expected]
        self._check_kept(found["sessions"], dict(zip(self.log, ids, strict=True)))

    def _kind(self, number: int) -> str | None:
        kind: str | None = _said_of(number)["event_type"]
        return kind


def test_any_history_by_any_rules(database_url: str, histories: int) -> None:
    machine = type("Machine", (AnyHistoryByAnyRules,), {"url": database_url})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=histories, stateful_step_count=12, deadline=None),
    )


def _frame(**columns: Any) -> pd.DataFrame:
    times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:01"], utc=True)
    return pd.DataFrame({"event_id": [1, 2], "user_id": ["ann"] * 2, "timestamp": times, **columns})


def test_a_batch_without_a_column_of_the_rules_is_refused() -> None:
    writer = cs.SQLWriter(sa.create_engine("duckdb:///:memory:"), rules=Rules(change="campaign"))
    with pytest.raises(
        ParameterError, match=r"`rules` must be about columns of the events.*Did you"
    ):
        writer.write(_frame(campain=["a", "b"]))


def test_a_timeout_per_row_is_refused() -> None:
    with pytest.raises(UnsupportedRuleError, match="the rule `timeout_column` cannot be followed"):
        cs.SQLWriter(sa.create_engine("duckdb:///:memory:"), rules=Rules(timeout_column="patience"))


def test_a_frame_sessionized_by_the_same_rules_may_be_written() -> None:
    engine = sa.create_engine("duckdb:///:memory:")
    rules = Rules(change="campaign")
    visits = cs.sessionize(_frame(campaign=["a", "b"]), rules=rules)
    assert "start_reason" in visits
    report = cs.SQLWriter(engine, rules=rules).write(visits)
    assert report.sessions_added == 2
    assert "start_reason" not in content_of(engine)["events"][0]
    with pytest.raises(ParameterError, match="with those that the writer would cut"):
        cs.SQLWriter(engine, rules=Rules()).write(visits)


def test_ids_that_become_text_break_ties_anew(database: sa.Engine, tmp_path: Path) -> None:
    rules = cs.Rules("30min", max_events=2)
    moment = pd.to_datetime(["2024-05-01 10:00"] * 4, utc=True)
    numbers = pd.DataFrame({"event_id": [2, 10, 3, 20], "user_id": 1, "timestamp": moment})
    text = pd.DataFrame({"event_id": ["x"], "user_id": [2], "timestamp": moment[:1]})
    writer = cs.SQLWriter(database, rules=rules)
    writer.write(numbers)
    writer.write(text)
    whole = f"duckdb:///{tmp_path / 'whole.db'}"
    together = pd.concat([numbers.astype({"event_id": str}), text])
    cs.SQLWriter(whole, rules=rules).write(together)
    assert content_of(database) == content_at(whole)
