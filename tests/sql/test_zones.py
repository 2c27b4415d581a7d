"""The first days of days, weeks and months in zones, where a database knows no zones itself.

Against Python's zones: at random instants, and around every change that a zone has had.
"""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.metrics import NewAndReturning, Period, Retention
from clicksession.sql import Tables
from clicksession.sql.constructs import calendar_hour, epoch_microseconds
from clicksession.testing.statements import EVENTS, first_days, session_columns
from clicksession.windows.zones import shifts
from tests.sql.names import TRANSLATED
from tests.sql.running import OfEngine
from tests.sql.test_meaning import MACROS, translated

ZONES = [
    "Africa/Casablanca",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Etc/GMT+12",
    "Europe/Amsterdam",
    "Pacific/Apia",  # which had no 30 December 2011
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FROM, TO = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def instants(zone: str, count: int = 300) -> list[datetime]:
    """Return random instants, and for each change those just before it, at it and after it."""
    random = Random(zone)
    found = [
        FROM + timedelta(microseconds=random.randrange((TO - FROM) // MICROSECOND))
        for _ in range(count)
    ]
    for since, _ in shifts(zone)[1:]:
        change = EPOCH + timedelta(microseconds=since)
        found += [change - MICROSECOND, change, change + MICROSECOND]
        # The midnights beside it, when the clocks have changed within the day.
        midnight = change.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0)
        for days in (0, 1):
            day = (midnight + timedelta(days=days)).astimezone(UTC)
            found += [day - MICROSECOND, day]
    return found


def by_python(instant: datetime, zone: str) -> tuple[date, date, date]:
    """Return the first days of the day, the week and the month."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    return day, day - timedelta(days=day.weekday()), day.replace(day=1)


def check(database: OfEngine, zone: str, sql: str, rows: list[datetime]) -> None:
    database.load(EVENTS, [(n, "u", instant, None) for n, instant in enumerate(rows)])
    found = {row[0]: tuple(str(day)[:10] for day in row[1:4]) for row in database.rows(sql)}
    for number, instant in enumerate(rows):
        assert found[number] == tuple(map(str, by_python(instant, zone))), (zone, instant)


def statement(zone: str) -> Any:
    return first_days(EVENTS, zone, "event_id", "timestamp")


def hours(zone: str) -> Any:
    hour = calendar_hour(EVENTS.c.timestamp, sa.literal_column(f"'{zone}'"))
    return sa.select(EVENTS.c.event_id, epoch_microseconds(hour).label("hour"))


def check_hours(database: OfEngine, zone: str, sql: str, rows: list[datetime]) -> None:
    """The clocks of the zone show a full hour then, by the offset of the instant itself."""
    database.load(EVENTS, [(n, "u", instant, None) for n, instant in enumerate(rows)])
    found = dict(database.rows(sql))
    for number, instant in enumerate(rows):
        local = instant.astimezone(ZoneInfo(zone))
        past = timedelta(minutes=local.minute, seconds=local.second)
        began = instant - past - timedelta(microseconds=local.microsecond)
        assert found[number] == (began - EPOCH) // MICROSECOND, (zone, instant)


@pytest.mark.parametrize("zone", ["UTC", *ZONES, "America/St_Johns", "Asia/Kathmandu"])
def test_hours_in_sqlite(sqlite: sa.Engine, zone: str) -> None:
    check_hours(OfEngine(sqlite), zone, cs.to_sql(hours(zone), "sqlite"), instants(zone))


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Asia/Kathmandu"])
def test_hours_in_mariadb(mariadb_url: str, zone: str) -> None:
    engine = sa.create_engine(mariadb_url)
    check_hours(OfEngine(engine), zone, cs.to_sql(hours(zone), "mariadb"), instants(zone))
    engine.dispose()


@pytest.mark.parametrize("dialect", TRANSLATED)
def test_hours_translated(dialect: str) -> None:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.StaticPool)
    OfEngine(engine).rows(MACROS)
    zone = "Australia/Lord_Howe"
    check_hours(OfEngine(engine), zone, translated(hours(zone), dialect), instants(zone, 20)[::5])
    engine.dispose()


@pytest.fixture
def sqlite() -> Iterator[sa.Engine]:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    yield engine
    engine.dispose()


@pytest.fixture
def mariadb(mariadb_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(mariadb_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("zone", ZONES)
def test_sqlite(sqlite: sa.Engine, zone: str) -> None:
    check(OfEngine(sqlite), zone, cs.to_sql(statement(zone), "sqlite"), instants(zone))


@pytest.mark.parametrize("zone", ZONES)
def test_mariadb(mariadb: sa.Engine, zone: str) -> None:
    check(OfEngine(mariadb), zone, cs.to_sql(statement(zone), "mariadb"), instants(zone))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("dialect", ["mysql", "sqlserver"])
def test_what_cannot_run_here_translated(dialect: str, zone: str) -> None:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.StaticPool)
    check(OfEngine(engine), zone, translated(statement(zone), dialect), instants(zone, 20))
    engine.dispose()


def test_no_change_of_any_zone_is_missed() -> None:
    """Between two changes that were found, the clocks are where they are said to be."""
    for zone in sorted(available_timezones())[::12]:
        clock = ZoneInfo(zone)
        found = [(EPOCH + timedelta(microseconds=since), ahead) for since, ahead in shifts(zone)]
        for (since, ahead), (until, _) in zip(found, [*found[1:], (TO, 0)], strict=True):
            span = until - since
            for instant in (since, since + span / 2, until - MICROSECOND):
                offset = instant.astimezone(clock).utcoffset()
                assert offset == timedelta(microseconds=ahead), (zone, instant)


def test_a_cohort_comes_back_after_a_day_that_never_was(database: sa.Engine) -> None:
    """In Apia, the day after 29 December 2011 was the 31st."""
    last = datetime(2011, 12, 30, 9, 59, 59, 999_999, UTC)
    times = [last, last + timedelta(hours=1)]
    log = pd.DataFrame({"event_id": [1, 2], "user_id": ["u", "u"], "timestamp": times})
    cs.SQLWriter(database).write(log)
    found = Retention(period=Period("day", zone="Pacific/Apia")).compute(database)
    days = [(str(row.cohort)[:10], row.period) for row in found.itertuples()]
    assert days == [("2011-12-29", 0), ("2011-12-29", 2)]


def test_neither_long_nor_slow(sqlite: sa.Engine) -> None:
    """A hundred thousand sessions by week take less than two seconds, also on a busy machine."""
    period = Period("week", zone="America/New_York")
    sql = cs.to_sql(NewAndReturning(period=period), "sqlite")
    assert len(sql) < 40_000
    sessions = Tables().table("sessions", *session_columns())
    sessions.create(sqlite)
    random, start = Random(1), datetime(2020, 1, 1, tzinfo=UTC)
    times = [start + timedelta(seconds=random.randrange(5 * 365 * 86_400)) for _ in range(100_000)]
    with sqlite.begin() as connection:
        connection.execute(
            sa.insert(sessions),
            [
                {"session_id": f"u{n}", "user_id": f"u{n}", "started_at": at, "ended_at": at}
                for n, at in enumerate(times)
            ],
        )
        began = time.process_time()
        rows = connection.exec_driver_sql(sql).all()
        taken = time.process_time() - began
    weeks = {by_python(at, period.zone)[1] for at in times}
    assert [row[0] for row in rows] == sorted(map(str, weeks))
    assert sum(row[1] for row in rows) == len(times)
    assert taken < 2
