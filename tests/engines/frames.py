"""The engines under test: how each gets a frame, and how its rows come back as plain values."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from clicksession import Rules, sessionize, sql
from clicksession.sql.tables import Instant, Words

#: What each row is compared by.
FOUND = ("session_id", "session_index", "start_reason")

Rows = dict[int, tuple[Any, ...]]


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
    zones
        Whether it has times with a zone, at that resolution.
    """

    run: Callable[[pa.Table, Rules], pa.Table]
    ordered: bool = True
    in_passes: bool = True
    unit: str = "ns"
    zones: bool = True


def rows(found: pa.Table) -> Rows:
    """Return what was found, by row number."""
    names = [name if name in found.column_names else None for name in FOUND]
    return {row["n"]: tuple(name and row[name] for name in names) for row in found.to_pylist()}


@contextmanager
def engine(name: str, server: Callable[[str], str]) -> Iterator[Engine]:
    """Start an engine; `server` gives the URL of a database server by its name."""
    if name in _EAGER:
        yield Engine(partial(_on_arrays, *_EAGER[name]()))
    elif name == "polars_lazy":
        yield Engine(_polars_lazy)
    elif name == "spark":
        yield Engine(partial(_spark, spark_session()), ordered=False, unit="us")
    elif name == "duckdb":
        import duckdb

        with duckdb.connect() as connection:
            yield Engine(partial(_duckdb, connection), ordered=False, in_passes=False)
    elif name == "ibis":
        yield Engine(_ibis, ordered=False, in_passes=False, unit="us")
    else:
        made = sa.create_engine(server(name))
        yield Engine(partial(_sql, made), ordered=False, in_passes=False, unit="us")
        made.dispose()


EAGER = ("pandas", "polars", "arrow")
LAZY = ("polars_lazy", "duckdb", "ibis", "spark")
DATABASES = ("sql_duckdb", "sql_sqlite", "sql_postgresql", "sql_mariadb")
ENGINES = (*EAGER, *LAZY, *DATABASES)
