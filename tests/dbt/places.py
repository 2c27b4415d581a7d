"""Where dbt works in the tests: a source to fill, the tables to look at, and a profile."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.dbt.histories import Row
from tests.dbt.running import Dbt

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENTS = ("timestamp", "loaded_at", "started_at", "ended_at")


def moment(microseconds: int | None) -> datetime | None:
    """Return a time, or None of none."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def write_profiles(folder: Path, *places: "Place") -> None:
    """Write the profiles that dbt finds the databases by."""
    outputs = {place.dialect: place.output() for place in places}
    profile = {"target": places[0].dialect, "outputs": outputs}
    (folder / "profiles.yml").write_text(json.dumps({"clicksession": profile}))


class Place:
    """A database that SQLAlchemy and dbt both reach."""

    dialect = ""

    def __init__(self, url: str) -> None:
        self.url = url
        self.types: dict[str, Any] = {
            "event_id": sa.BigInteger(),
            "user_id": sa.BigInteger(),
            "timestamp": sa.DateTime(timezone=True),
            "event_type": sa.Text(),
            "page": sa.Text(),
            "loaded_at": sa.DateTime(timezone=True),
        }
        columns = (sa.Column(name, kind) for name, kind in self.types.items())
        self.source = sa.Table("clicks", sa.MetaData(), *columns, schema="raw")

    def output(self) -> dict[str, Any]:
        """Return what a profile says of the database."""
        raise NotImplementedError

    def empty(self) -> None:
        """Have an empty source, and no tables."""
        self.run("DROP SCHEMA IF EXISTS shop CASCADE", "DROP SCHEMA IF EXISTS raw CASCADE")
        self.run("CREATE SCHEMA raw", "CREATE SCHEMA shop")
        with self._connected() as connection:
            self.source.create(connection)

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows to the source."""
        named = [self._named(row) for row in rows]
        if named:
            with self._connected() as connection:
                connection.execute(self.source.insert(), named)

    def run(self, *statements: str) -> None:
        """Run statements."""
        with self._connected() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def rows(self, table: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the rows of a table that dbt made, in a stable order; times in microseconds."""
        with self._connected() as connection:
            found = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM shop.{table}")
            return in_order(found.all())

    def _named(self, row: Row) -> dict[str, Any]:
        named = dict(zip(self.types, row, strict=True))
        return {k: moment(v) if k in _MOMENTS else v for k, v in named.items()}

    def _connected(self) -> Any:
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        return engine.begin()


class DuckDB(Place):
    """A file."""

    dialect = "duckdb"

    def output(self) -> dict[str, Any]:
        path = sa.make_url(self.url).database
        return {"type": "duckdb", "path": path, "schema": "shop", "keep_open": False}


class PostgreSQL(Place):
    """A server of our own."""

    dialect = "postgresql"

    def output(self) -> dict[str, Any]:
        url = sa.make_url(self.url)
        return {
            "type": "postgres",
            "host": url.query["host"],
            "port": url.port or 5432,
            "user": url.username,
            "password": url.password or "",
            "dbname": url.database,
            "schema": "shop",
            "threads": 1,
        }


_SPARK = {
    "spark.sql.catalogImplementation": "hive",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    # Plans of a few rows: optimising and compiling them takes longer than running them.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    # A zone with daylight saving: nothing may depend on it.
    "spark.sql.session.timeZone": "America/New_York",
}


def spark_settings(folder: Path) -> Path:
    """Write how a small local Spark starts, whoever starts it; return the folder of that."""
    place = folder / "conf"
    place.mkdir()
    lines = [f"{name} {value}" for name, value in _SPARK.items()]
    (place / "spark-defaults.conf").write_text("\n".join(lines))
    return place


class Spark(Place):
    """A session in dbt's own process."""

    dialect = "spark"

    def __init__(self, dbt: Dbt) -> None:
        super().__init__("")
        self.dbt = dbt

    def output(self) -> dict[str, Any]:
        return {"type": "spark", "method": "session", "schema": "shop", "host": "NA"}

    def empty(self) -> None:
        types = (
            "event_id BIGINT, user_id BIGINT, timestamp TIMESTAMP, event_type STRING, page STRING"
        )
        self.run(
            "DROP DATABASE IF EXISTS shop CASCADE",
            "DROP DATABASE IF EXISTS raw CASCADE",
            "CREATE DATABASE raw",
            f"CREATE TABLE raw.clicks ({types}, loaded_at TIMESTAMP) USING parquet",
        )

    def add(self, rows: Iterable[Row]) -> None:
        texts = [f"({', '.join(map(_spelled, zip(self.types, row, strict=True)))})" for row in rows]
        if texts:
            self.run(f"INSERT INTO raw.clicks VALUES {', '.join(texts)}")

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.dbt.ask(sql=statement)

    def rows(self, table: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        chosen = [f"unix_micros({c})" if c in _MOMENTS else c for c in columns]
        found = self.dbt.ask(sql=f"SELECT {', '.join(chosen)} FROM shop.{table}")
        return in_order(map(tuple, found["rows"]))


def in_order(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return rows of plain values in a stable order."""
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _plain(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def _spelled(named: tuple[str, Any]) -> str:
    name, value = named
    if value is None:
        return "NULL"
    if name in _MOMENTS:
        return f"timestamp_micros({value})"
    return f"'{value}'" if isinstance(value, str) else str(value)
