"""`sql.sessionize` on every database gives the rows of the oracle."""

from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.sql import sessionize
from clicksession.sql.tables import Instant
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
