"""`sql.sessionize` on every database gives the rows of the oracle."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.sql import sessionize
from clicksession.sql.tables import Instant
from clicksession.windows.zones import shifts
from tests.logs import THIRTY_MINUTES, as_lists, logs
from tests.oracle import session_of_each

LOG = sa.Table(
    "raw_log",
    sa.MetaData(),
    sa.Column("event_id", sa.BigInteger, autoincrement=False),
    sa.Column("user_id", sa.Text),
    sa.Column("timestamp", Instant()),
)


def check(engine: sa.Engine, events: pd.DataFrame, at_timeout: Any) -> None:
    users, times = as_lists(events)
    rules = cs.Rules("30min", at_timeout=at_timeout)
    moments = [None if pd.isna(time) else time.to_pydatetime() for time in events["timestamp"]]
    rows = zip(events["event_id"].tolist(), users, moments, strict=True)
    with engine.begin() as connection:
        LOG.drop(connection, checkfirst=False) if _there(connection) else None
        LOG.create(connection, checkfirst=False)
        if len(events):
            connection.execute(
                sa.insert(LOG),
                [{"event_id": i, "user_id": u, "timestamp": t} for i, u, t in rows],
            )
        found = connection.execute(sessionize(LOG, rules)).mappings().all()
    got = {row["event_id"]: (row["session_id"], row["session_index"]) for row in found}
    longest = THIRTY_MINUTES if at_timeout == "same" else THIRTY_MINUTES - 1
    expected = session_of_each(users, times, longest)
    assert got == {
        number: session or (None, None)
        for number, session in zip(events["event_id"].tolist(), expected, strict=True)
    }


def _there(connection: sa.Connection) -> bool:
    from clicksession.sql.dialects import spelling

    return spelling(connection.dialect.name).columns(connection, LOG) is not None


AT_TIMEOUT = st.sampled_from(["same", "new"])


@settings(max_examples=40)
@given(events=logs(), at_timeout=AT_TIMEOUT)
@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_any_log_equals_the_oracle(kind: str, events: pd.DataFrame, at_timeout: Any) -> None:
    engine = sa.create_engine(f"{kind}:///:memory:")
    check(engine, events, at_timeout)
    engine.dispose()


@settings(max_examples=40)
@given(events=logs(), at_timeout=AT_TIMEOUT)
def test_any_log_equals_the_oracle_on_postgresql(
    postgresql_server: str, events: pd.DataFrame, at_timeout: Any
) -> None:
    engine = sa.create_engine(postgresql_server)
    check(engine, events, at_timeout)
    engine.dispose()


def test_users_that_a_collation_takes_for_one(database: sa.Engine) -> None:
    users = ["ann", "Ann", "ann ", "änn", "ann"]
    moment = datetime(2024, 5, 1, 10, tzinfo=UTC)
    rows = [{"event_id": i, "user_id": u, "timestamp": moment} for i, u in enumerate(users)]
    with database.begin() as connection:
        LOG.create(connection, checkfirst=False)
        connection.execute(sa.insert(LOG), rows)
        found = connection.execute(sessionize(LOG)).mappings().all()
    got = {row["event_id"]: (row["session_id"], row["session_index"]) for row in found}
    assert got == {i: (f"{user}:1714557600000000", 1) for i, user in enumerate(users)}


def test_rules_that_need_to_know_where_the_session_began() -> None:
    for rules in (
        cs.Rules("30min", max_duration="12h"),
        cs.Rules("30min", max_events=10),
        cs.Rules("30min", max_rate=(100, "100s")),
        cs.Rules("30min", measured_from="start"),
    ):
        with pytest.raises(cs.errors.UnsupportedRuleError) as raised:
            sessionize(LOG, rules)
        assert raised.value.rule == rules.sequential[0]
        assert "cannot be followed exactly by SQL. Use clicksession.sessionize" in str(raised.value)


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/St_Johns", "Asia/Kathmandu"])
def test_shifts_of_a_zone_are_those_of_its_clock(zone: str) -> None:
    for (moment, ahead), (_, before) in zip(shifts(zone)[1:], shifts(zone), strict=False):
        for microsecond, expected in ((moment, ahead), (moment - 1_000_000, before)):
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microsecond)
            assert at.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(microseconds=expected)
