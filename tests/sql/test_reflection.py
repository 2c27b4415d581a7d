"""DuckDB's tables as SQLAlchemy and pandas see them: the library's, and others beside them."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql.dialects import spelling

EVENTS = pd.DataFrame(
    {
        "user_id": ["ann", None],
        "timestamp": pd.to_datetime(["2024-05-01T10:00Z", None]),
        "price": [1.5, None],
        "seen_at": pd.to_datetime(["2024-05-01T09:00:00.000001Z", None]),
    }
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    url = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    for tables in (cs.sql.Tables(), cs.sql.Tables(prefix="web_")):
        cs.run(EVENTS, url, tables=tables)
    made = sa.create_engine(url)
    yield made
    made.dispose()


@pytest.mark.parametrize("prefix", ["", "web_"])
def test_pandas_reads_the_tables_with_times_in_utc(engine: sa.Engine, prefix: str) -> None:
    sessions = pd.read_sql_table(f"{prefix}sessions", engine)
    assert sessions["session_id"].tolist() == ["ann:1714557600000000"]
    assert str(sessions["started_at"].dtype) == "datetime64[us, UTC]"
    assert sessions["started_at"][0] == pd.Timestamp("2024-05-01T10:00Z")
    events = pd.read_sql_table(f"{prefix}events", engine)
    assert str(events["seen_at"].dtype) == "datetime64[us, UTC]"
    assert events["seen_at"].dropna().tolist() == [pd.Timestamp("2024-05-01T09:00:00.000001Z")]


def test_other_tables_are_as_they_say(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE other_events (n INTEGER PRIMARY KEY, seen TIMESTAMP, price "
                "DECIMAL(5, 2) NOT NULL, tags VARCHAR[], UNIQUE (seen, price))"
            )
        )
        connection.execute(sa.text("INSERT INTO other_events VALUES (1, '2024-05-01', 1.5, ['a'])"))
    inspector = sa.inspect(engine)
    columns = {column["name"]: column for column in inspector.get_columns("other_events")}
    assert [name for name, column in columns.items() if column["nullable"]] == ["seen", "tags"]
    assert isinstance(columns["seen"]["type"], sa.TIMESTAMP)
    assert (columns["price"]["type"].precision, columns["price"]["type"].scale) == (5, 2)  # type: ignore[attr-defined]
    assert inspector.get_pk_constraint("other_events")["constrained_columns"] == ["n"]
    (unique,) = inspector.get_unique_constraints("other_events")
    assert unique["column_names"] == ["seen", "price"]
    frame = pd.read_sql_table("other_events", engine)
    assert frame["seen"].tolist() == [pd.Timestamp("2024-05-01")]
    with pytest.raises(sa.exc.NoSuchTableError):
        inspector.get_columns("nothing")


def test_all_tables_are_reflected_at_once(engine: sa.Engine) -> None:
    found = sa.MetaData()
    found.reflect(engine)
    assert {"events", "sessions", "web_events", "web_sessions"} <= set(found.tables)
    statement = sa.select(found.tables["sessions"].c.event_count)
    with engine.connect() as connection:
        assert connection.execute(statement).scalars().all() == [1]


@pytest.mark.parametrize(
    ("schema", "name"),
    [(None, "events"), ("other", "events"), (None, "seen"), ("other", "seen"), (None, "pg_class")],
)
def test_columns_are_those_of_the_information_schema(
    engine: sa.Engine, schema: str | None, name: str
) -> None:
    asked = sa.text(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = :schema AND table_name = :name ORDER BY ordinal_position"
    )
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA other"))
        connection.execute(sa.text("CREATE TABLE other.events (z INTEGER, a TEXT)"))
        connection.execute(sa.text("CREATE VIEW seen AS SELECT user_id FROM events"))
        there = {"schema": schema or "main", "name": name}
        expected = connection.execute(asked, there).scalars().all()
        table = sa.Table(name, sa.MetaData(), schema=schema)
        assert list(spelling("duckdb").columns(connection, table) or ()) == expected
