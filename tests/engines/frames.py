"""The engines under test: how each is given a log, and how its rows come back as plain values."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from clicksession import Rules, sessionize, sql
from clicksession.sql.tables import Instant, Words
from tests.spark import spark_session

#: What each row is compared by.
FOUND = ("session_id", "session_index", "start_reason")

EAGER = ("pandas", "polars", "arrow")
LAZY = ("polars_lazy", "duckdb", "ibis", "spark")
DATABASES = ("sql_duckdb", "sql_sqlite", "sql_postgresql", "sql_mariadb")
ENGINES = (*EAGER, *LAZY, *DATABASES)


@dataclass(frozen=True)
class Engine:
    """An engine that can be given a log.

    Attributes
    ----------
    run
        Returns a table with the columns ``n`` and those of `FOUND` that the rules give.
    ordered
        Whether the rows of its frames have an order, which decides ties.
    in_passes
        Whether it can follow rules that go through the events in order.
    unit
        The finest resolution that it knows.
    durations
        Whether it has a type for own timeouts.
    """

    run: Callable[[pa.Table, Rules], pa.Table]
    ordered: bool = True
    in_passes: bool = True
    unit: str = "ns"
    durations: bool = True


def rows(found: pa.Table) -> dict[int, tuple[Any, ...]]:
    """Return what was found, by row number."""
    names = [name if name in found.column_names else None for name in FOUND]
    return {row["n"]: tuple(name and row[name] for name in names) for row in found.to_pylist()}


@contextmanager
def engine(name: str, url: Callable[[str], str]) -> Iterator[Engine]:
    """Start an engine; `url` gives that of a database server by its name."""
    if name in _ON_ARRAYS:
        yield Engine(partial(_on_arrays, *_ON_ARRAYS[name]))
    elif name == "polars_lazy":
        yield Engine(_polars_lazy)
    elif name == "duckdb":
        import duckdb

        with duckdb.connect() as connection:
            yield Engine(partial(_duckdb, connection), ordered=False, in_passes=False)
    elif name == "ibis":
        yield Engine(_ibis, ordered=False, in_passes=False, unit="us")
    elif name == "spark":
        yield Engine(partial(_spark, spark_session()), ordered=False, unit="us")
    else:
        made = sa.create_engine(url(name))
        yield Engine(partial(_sql, made), ordered=False, in_passes=False, unit="us")
        made.dispose()


def _on_arrays(
    make: Callable[[pa.Table], Any], back: Callable[[Any], pa.Table], table: pa.Table, rules: Rules
) -> pa.Table:
    return back(sessionize(make(table), rules=rules))


def _to_polars(table: pa.Table) -> Any:
    import polars as pl

    return pl.from_arrow(table)


_ON_ARRAYS: dict[str, tuple[Any, Any]] = {
    "pandas": (pa.Table.to_pandas, partial(pa.Table.from_pandas, preserve_index=False)),
    "polars": (_to_polars, lambda frame: frame.to_arrow()),
    "arrow": (lambda table: table, lambda table: table),
}


def _polars_lazy(table: pa.Table, rules: Rules) -> pa.Table:
    return sessionize(_to_polars(table).lazy(), rules=rules).collect().to_arrow()


def _duckdb(connection: Any, table: pa.Table, rules: Rules) -> pa.Table:
    return sessionize(connection.from_arrow(table), rules=rules).to_arrow_table()


def _ibis(table: pa.Table, rules: Rules) -> pa.Table:
    import ibis

    found = sessionize(ibis.memtable(table), rules=rules)
    # Ibis cannot hand durations over: they stay behind.
    return found.select("n", *(name for name in FOUND if name in found.columns)).to_pyarrow()


def _spark(spark: Any, table: pa.Table, rules: Rules) -> pa.Table:
    from pyspark.sql.pandas.types import from_arrow_schema

    # Else Spark would read naive times in the zone of its session.
    schema = from_arrow_schema(table.schema, prefer_timestamp_ntz=True)
    found = sessionize(spark.createDataFrame(table, schema), rules=rules)
    return found.select("n", *(name for name in FOUND if name in found.columns)).toArrow()


def _sql(engine: sa.Engine, table: pa.Table, rules: Rules) -> pa.Table:
    events = sa.Table("raw_log", sa.MetaData(), *(_sql_column(field) for field in table.schema))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS raw_log"))
        events.create(connection, checkfirst=False)
        if table.num_rows:
            connection.execute(sa.insert(events), table.to_pylist())
        found = sql.sessionize(events, rules).subquery()
        names = ["n", *(name for name in FOUND if name in found.c)]
        result = connection.execute(sa.select(*(found.c[name] for name in names))).mappings()
        return pa.Table.from_pylist([dict(row) for row in result]) if table.num_rows else _nothing()


def _nothing() -> pa.Table:
    return pa.table({name: [] for name in ("n", *FOUND)})


def _sql_column(field: pa.Field) -> sa.Column[Any]:
    kinds: list[tuple[Callable[[pa.DataType], bool], Any]] = [
        (pa.types.is_timestamp, Instant()),
        (pa.types.is_duration, sa.Interval()),
        (pa.types.is_boolean, sa.Boolean()),
        (pa.types.is_integer, sa.BigInteger()),
    ]
    kind = next((kind for matches, kind in kinds if matches(field.type)), Words())
    return sa.Column(field.name, kind, autoincrement=False)
