"""No text uses an aggregate that samples or clips: an answer is exact or it is none."""

import re
from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.metrics import TimeBetweenSessions, TimeBetweenSteps
from clicksession.metrics.base import StatisticMetric
from clicksession.testing.statements import STATEMENTS
from tests.sql.names import NAMES

# What samples, is a sketch, or picks one of the middle two where it should average them.
_INEXACT = (
    r"approx\w*|\w*_approx\w*|hll\w*|uniq\w*|median\w*|quantile(?!ExactInclusive\b)\w*"
    r"|percentile_disc|percentile_approx|percentile|ndv"
)
# DOUBLE(18,10) in MariaDB 10.11: any answer above 99,999,999.99 is 100,000,000.
_CLIPS = {"mariadb": "|percentile_cont", "mysql": "|percentile_cont"}


def inexact(dialect: str, text: str) -> list[str]:
    pattern = rf"\b(?:{_INEXACT}{_CLIPS.get(dialect, '')})\s*\("
    return re.findall(pattern, text, re.IGNORECASE)


@pytest.mark.parametrize("dialect", NAMES)
def test_no_text_uses_one(dialect: str) -> None:
    asked = 0
    for name, statement in STATEMENTS.items():
        variants = [statement]
        if isinstance(statement, StatisticMetric | TimeBetweenSteps):
            variants = [replace(statement, statistic=one) for one in ("median", "mean", "p90")]
        for variant in variants:
            asked += 1
            assert inexact(dialect, cs.to_sql(variant, dialect)) == [], name
    assert asked > len(STATEMENTS)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("mariadb", "SELECT MEDIAN(x) OVER () FROM t"),
        ("mariadb", "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER () FROM t"),
        ("clickhouse", "SELECT quantile(0.5)(x) FROM t"),
        ("clickhouse", "SELECT quantileExact(0.5)(x), uniq(y) FROM t"),
        ("trino", "SELECT approx_percentile(x, 0.5) FROM t"),
        ("snowflake", "SELECT APPROX_COUNT_DISTINCT(x) FROM t"),
    ],
)
def test_one_would_be_found(dialect: str, text: str) -> None:
    assert inexact(dialect, text)


def test_large_medians_are_exact(database: sa.Engine) -> None:
    """Above what MariaDB's own MEDIAN can give: 200,000,001.5 seconds between sessions."""
    start = pd.Timestamp("1990-01-01", tz="UTC")
    gaps = [0.0, 200_000_001.0, 400_000_003.0]
    times = [start + pd.Timedelta(seconds=gap) for gap in gaps]
    events = pd.DataFrame({"event_id": range(3), "user_id": "u", "timestamp": times})
    cs.SQLWriter(database).write(events)
    assert TimeBetweenSessions(unit="seconds").compute(database) == 200_000_001.5
    assert TimeBetweenSessions(unit="seconds", statistic="p90").compute(database) == 200_000_001.9
