"""Histories on Iceberg: ``python -m tests.warehouse.spark.iceberg FOLDER SEED…``.

In an environment of its own, with the Spark that Iceberg's runtime is built for.
"""

import os
import sys
from pathlib import Path
from random import Random
from typing import Any

import clicksession as cs
from clicksession.warehouse import write_spark
from clicksession.warehouse.spark.iceberg import Iceberg
from tests.warehouse.histories import Expected, Row, expected, history
from tests.warehouse.spark.tables import content_of, frame_of, user_type

_CATALOGUE = "spark.sql.catalog.shop"


def session(folder: Path) -> Any:
    """Return a Spark with a catalogue in a folder."""
    from pyspark.sql import SparkSession
    from snowpark_connect_deps_iceberg import get_jars_dir

    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    (jar,) = get_jars_dir().glob("iceberg-spark-runtime-3.5_2.12-*.jar")
    settings = {
        "spark.jars": str(jar),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        _CATALOGUE: "org.apache.iceberg.spark.SparkCatalog",
        f"{_CATALOGUE}.type": "hadoop",
        f"{_CATALOGUE}.warehouse": folder.as_uri(),
    }
    builder = SparkSession.builder.master("local[1]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


class OneTarget:
    """Two tables, and beside them the rows that came."""

    def __init__(self, spark: Any, seed: int) -> None:
        self.spark = spark
        self.names = f"shop.web.events_{seed}", f"shop.web.sessions_{seed}"
        self.told = history(Random(seed), cs.Rules("30min") if seed % 2 else None, most=40)
        self.rows = [row for batch in self.told.batches for row in batch]
        self.done: list[list[Row]] = []

    def write(self, batch: list[Row]) -> None:
        """Write a batch."""
        frame = frame_of(self.spark, batch, user_type(self.rows))
        write_spark(frame, self.names, rules=self.told.rules, buckets=3, format="iceberg")

    def check(self) -> None:
        """Compare the tables with a plain loop over everything."""
        right = expected(self.done, self.told.rules)
        if right.events:
            assert self.content() == right

    def content(self) -> Expected:
        """Return what the tables hold."""
        events, sessions = self.names
        found = self.spark.table(sessions) if self.spark.catalog.tableExists(sessions) else None
        return content_of(self.spark.table(events), found)

    def more(self, number: int) -> list[Row]:
        """Return a batch of one new event of a known user."""
        user = next((row["user_id"] for row in self.rows if row["user_id"] is not None), None)
        return [
            {**dict.fromkeys(self.rows[0]), "event_id": number, "user_id": user, "timestamp": 5}
        ]


def play(target: OneTarget) -> None:
    """Write a history, then one with a kill between the tables, then two writes at once."""
    for batch in target.told.batches:
        target.write(batch)
        target.done.append(batch)
        target.check()
    if not target.rows:
        return
    _kill(target, target.more(10**6))
    _overtake(target, target.more(10**6 + 1), target.more(10**6 + 2))


def _kill(target: OneTarget, batch: list[Row]) -> None:
    replace = Iceberg.replace_sessions

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    Iceberg.replace_sessions = die  # type: ignore[method-assign]
    try:
        target.write(batch)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError("it was not killed")
    Iceberg.replace_sessions = replace  # type: ignore[method-assign]
    target.write(batch)
    target.done.append(batch)
    target.check()


def _overtake(target: OneTarget, late: list[Row], early: list[Row]) -> None:
    put = Iceberg._put

    def put_after_another(self: Iceberg, buckets: Any, name: str) -> None:
        Iceberg._put = put  # type: ignore[method-assign]
        target.write(early)
        put(self, buckets, name)

    Iceberg._put = put_after_another  # type: ignore[method-assign]
    try:
        target.write(late)
    except cs.errors.TargetBusyError:
        target.write(late)
    else:
        raise AssertionError("the second of two writes was not refused")
    target.done += [late, early]
    target.check()


def main() -> None:
    """Play the histories of some seeds."""
    folder, *seeds = sys.argv[1:]
    spark = session(Path(folder).absolute())
    for seed in map(int, seeds):
        play(OneTarget(spark, seed))
    sys.stdout.write(f"{len(seeds)} histories are exact\n")


if __name__ == "__main__":
    main()
