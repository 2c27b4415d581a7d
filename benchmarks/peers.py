"""What other libraries make of the conformance cases: ``python -m benchmarks.peers``.

Asks those that are installed beside this package, each in an environment of its own:

    pip install skrub polars
    pip install mloda-community-sessionization polars duckdb

They know a timeout with `at_timeout="same"`, and no other rule; mloda takes whole minutes.
"""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd
import pyarrow as pa

from clicksession.rules import Rules
from clicksession.testing.conformance import ask, report

_MLODA = "mloda.community.feature_groups.data_operations.row_preserving.sessionization"

Labels = Callable[[pd.DataFrame, Rules], list[Any]]


def seconds_of(rules: Rules) -> float:
    """Return the timeout; rules beyond one are refused."""
    if rules != Rules(rules.timeout) or not isinstance(rules.timeout, timedelta):
        raise NotImplementedError("a timeout, of which exactly that much stays, is the only rule")
    return rules.timeout.total_seconds()


def whole_minutes_of(rules: Rules) -> int:
    """Return the timeout in seconds, of whole minutes."""
    seconds = seconds_of(rules)
    if seconds % 60:
        raise NotImplementedError("a timeout has whole minutes")
    return int(seconds)


def arrow_of(events: pd.DataFrame) -> pa.Table:
    """Return a table; several zones in one column become UTC."""
    if events["timestamp"].dtype == object:
        events = events.assign(timestamp=pd.to_datetime(events["timestamp"], utc=True))
    return pa.Table.from_pandas(events[["user_id", "timestamp"]], preserve_index=False)


def skrub_engines() -> Iterator[tuple[str, Labels]]:
    """Give skrub's SessionEncoder over each kind of frame; it says -1 for no session."""
    import polars

    session_encoder = import_module("skrub").SessionEncoder

    def encoded(frame: Any, rules: Rules) -> list[Any]:
        encoder = session_encoder("timestamp", split_by="user_id", session_gap=seconds_of(rules))
        labels = encoder.fit_transform(frame)["timestamp_session_id"]
        return [None if label == -1 else label for label in labels]

    yield "skrub, pandas", encoded
    yield "skrub, polars", lambda e, rules: encoded(polars.DataFrame(arrow_of(e)), rules)


def mloda_engines() -> Iterator[tuple[str, Labels]]:
    """Give each back end of mloda's sessionization."""
    import duckdb
    import polars

    relations = "mloda_plugins.compute_framework.base_implementations"
    duckdb_relation = import_module(f"{relations}.duckdb.duckdb_relation").DuckdbRelation
    sqlite_relation = import_module(f"{relations}.sqlite.sqlite_relation").SqliteRelation

    def cut(module: str, kind: str, data: Any, rules: Rules) -> Any:
        implementation = getattr(import_module(f"{_MLODA}.{module}_sessionization"), kind)
        columns = ("session", "timestamp", whole_minutes_of(rules), ["user_id"])
        return implementation._compute_session(data, *columns)

    def pandas(events: pd.DataFrame, rules: Rules) -> list[Any]:
        found: list[Any] = cut("pandas", "PandasSessionization", events, rules)["session"].tolist()
        return found

    def polars_lazy(events: pd.DataFrame, rules: Rules) -> list[Any]:
        frame = polars.DataFrame(arrow_of(events)).lazy()
        found: list[Any] = (
            cut("polars_lazy", "PolarsLazySessionization", frame, rules)
            .collect()["session"]
            .to_list()
        )
        return found

    def arrow(events: pd.DataFrame, rules: Rules) -> list[Any]:
        table = cut("pyarrow", "PyArrowSessionization", arrow_of(events), rules)
        found: list[Any] = table.column("session").to_pylist()
        return found

    def python_dict(events: pd.DataFrame, rules: Rules) -> list[Any]:
        found: list[Any] = cut(
            "python_dict", "PythonDictSessionization", arrow_of(events).to_pydict(), rules
        )["session"]
        return found

    def on_duckdb(events: pd.DataFrame, rules: Rules) -> list[Any]:
        with duckdb.connect() as connection:
            data = duckdb_relation.from_arrow(connection, arrow_of(events))
            table = cut("duckdb", "DuckdbSessionization", data, rules).to_arrow_table()
            found: list[Any] = table.column("session").to_pylist()
            return found

    def on_sqlite(events: pd.DataFrame, rules: Rules) -> list[Any]:
        table = arrow_of(events)
        # SQLite has no type for times: ISO text is what its functions read.
        texts = [time and time.isoformat(sep=" ") for time in table.column("timestamp").to_pylist()]
        table = table.set_column(1, "timestamp", pa.array(texts, pa.string()))
        connection = sqlite3.connect(":memory:")
        try:
            data = sqlite_relation.from_arrow(connection, table)
            cut_data = cut("sqlite", "SqliteSessionization", data, rules)
            found: list[Any] = cut_data.to_arrow_table().column("session").to_pylist()
            return found
        finally:
            connection.close()

    yield "mloda, pandas", pandas
    yield "mloda, polars", polars_lazy
    yield "mloda, pyarrow", arrow
    yield "mloda, python_dict", python_dict
    yield "mloda, duckdb", on_duckdb
    yield "mloda, sqlite", on_sqlite


def main() -> None:
    """Ask each peer that is installed."""
    peers = {"skrub": skrub_engines, "mloda-community-sessionization": mloda_engines}
    for package, engines in peers.items():
        try:
            print(f"{package} {version(package)}")
        except PackageNotFoundError:
            print(f"{package} is not installed")
            continue
        for name, function in engines():
            print(f"\n{name}\n{report(ask(function))}")


if __name__ == "__main__":
    main()
