"""Tables of Spark: after every batch, and after every crash, those of one run over everything."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from clicksession.errors import ParameterError, RulesChangedError, TargetBusyError
from clicksession.warehouse import write_spark
from tests.warehouse.histories import Row, expected, history
from tests.warehouse.spark.tables import content, frame_of, user_type


class PowerCutError(Exception):
    """What interrupts a write."""


@pytest.mark.parametrize(
    ("seed", "rules"), [(1, None), (2, cs.Rules("30min", max_events=3, max_duration="1h"))]
)
def test_any_history(seed: int, rules: cs.Rules | None, spark: Any, tmp_path: Path) -> None:
    told = history(Random(seed), rules, most=80)
    user = user_type(row for batch in told.batches for row in batch)
    done: list[list[Row]] = []
    for batch in told.batches:
        report = write_spark(
            frame_of(spark, batch, user), str(tmp_path), rules=told.rules, buckets=3
        )
        before = expected(done, told.rules).events
        done.append(batch)
        right = expected(done, told.rules)
        assert report.rows == len(batch) == report.events_added + report.duplicates
        assert report.events_added == len(right.events) - len(before)
        if right.events:
            assert content(spark, tmp_path) == right


def test_the_tables_are_those_of_run(spark: Any, tmp_path: Path) -> None:
    told = history(Random(5), cs.Rules("30min"), most=60)
    rows = {row["event_id"]: row for batch in reversed(told.batches) for row in batch}
    for batch in (list(rows.values())[::2], list(rows.values())[1::2]):
        write_spark(frame_of(spark, batch), str(tmp_path), buckets=2)
    target = f"sqlite:///{tmp_path / 'one.db'}"
    names = ["event_id", "user_id", "timestamp"]
    log = pd.DataFrame([[row[n] for n in names] for row in rows.values()], columns=names)
    log["timestamp"] = pd.to_datetime(log["timestamp"].astype("Int64"), unit="us", utc=True)
    log = log.astype({"user_id": "str"})
    log.to_parquet(tmp_path / "log.parquet")
    cs.run(tmp_path / "log.parquet", target, timeout="30min", progress=False)
    one = cs.load_sessions(target).sort_values("session_id")
    found = content(spark, tmp_path)
    assert [row[0] for row in found.sessions] == one["session_id"].tolist()
    assert [row[4] for row in found.sessions] == one["event_count"].tolist()
    assert [row[6] for row in found.sessions] == one["start_reason"].tolist()
    stored = cs.load_events(target)
    assert found.events == {
        event: None if pd.isna(session) else session
        for event, session in zip(stored["event_id"], stored["session_id"], strict=True)
    }


# What a write does to the tables, in order; "torn" is Spark killed while it replaces a bucket.
STEPS = ["before", "staged", "torn events", "events", "torn sessions", "sessions"]


def test_a_write_that_is_killed(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = history(Random(11), cs.Rules("30min"), most=90)
    rows = [row for batch in told.batches for row in batch if row["timestamp"] != 7]
    user = user_type(rows)
    write_spark(frame_of(spark, rows[:20], user), str(tmp_path), buckets=2)
    for number, step in enumerate(STEPS):
        batch = rows[20 + number * 5 : 25 + number * 5]
        with killed_at(step, monkeypatch), pytest.raises(PowerCutError):
            write_spark(frame_of(spark, batch, user), str(tmp_path), buckets=2)
        if "torn" not in step:
            ids = [row[0] for row in content(spark, tmp_path).sessions]
            assert len(set(ids)) == len(ids)
        # At every other step another batch comes before the killed one does again.
        if number % 2 == 0:
            write_spark(frame_of(spark, batch, user), str(tmp_path), buckets=2)
    write_spark(frame_of(spark, rows, user), str(tmp_path), buckets=2)
    assert content(spark, tmp_path) == expected([rows], cs.Rules("30min"))
    assert not (tmp_path / "_clicksession" / "staged").exists()


@contextmanager
def killed_at(step: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a write stop at a step, as if its process were gone."""
    from clicksession.warehouse.spark.parquet import Parquet

    put, recover = Parquet._put, Parquet.recover

    def failing_put(self: Any, buckets: Any, table: Any) -> None:
        name = table.path.rsplit("/", 1)[-1]
        if step == f"torn {name}":
            # The old folder is removed, and the new one is not there yet.
            for each in buckets.select("bucket").distinct().collect():
                (table / f"bucket={each['bucket']}").delete()
            raise PowerCutError
        put(self, buckets, table)
        if step == name:
            raise PowerCutError

    def failing_recover(self: Any) -> None:
        if step == "before" or (step == "staged" and self._complete.exists()):
            raise PowerCutError
        recover(self)

    with monkeypatch.context() as patched:
        patched.setattr(Parquet, "_put", failing_put)
        patched.setattr(Parquet, "recover", failing_recover)
        yield


def test_what_comes_to_the_driver(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql.classic.dataframe import DataFrame

    rows = [
        {**row, "user_id": row["user_id"] and f"a{row['user_id']}"}
        for batch in history(Random(4), most=60).batches
        for row in batch
    ]
    log = frame_of(spark, rows)
    asked: list[set[str]] = []
    collect, first = DataFrame.collect, DataFrame.first

    def seen(call: Any) -> Any:
        def of(frame: Any) -> Any:
            asked.append(set(frame.columns))
            return call(frame)

        return of

    def refuse(*_: object) -> None:
        raise AssertionError("rows come to the driver")

    for name in ("toPandas", "toArrow", "toLocalIterator", "take", "head", "tail"):
        monkeypatch.setattr(DataFrame, name, refuse)
    monkeypatch.setattr(DataFrame, "collect", seen(collect))
    monkeypatch.setattr(DataFrame, "first", lambda frame: (seen(collect)(frame) or [None])[0])
    write_spark(log, str(tmp_path), buckets=2)
    monkeypatch.setattr(DataFrame, "first", first)
    allowed = {"bucket", "count", "written_in", "count(1)", "count_if((event_id IS NULL))"}
    assert asked
    assert set().union(*asked) <= allowed


def test_streaming(spark: Any, tmp_path: Path) -> None:
    told = history(Random(8), cs.Rules("30min"), most=40)
    rows = [row for batch in told.batches for row in batch if row["timestamp"] != 7]
    for part in (rows[::2], rows[1::2], rows[:5]):
        log = frame_of(spark, part, user_type(rows)).coalesce(1)
        log.write.mode("append").parquet(str(tmp_path / "incoming"))
    stream = (
        spark.readStream.schema(log.schema)
        .option("maxFilesPerTrigger", 1)
        .parquet(str(tmp_path / "incoming"))
        .writeStream.foreachBatch(
            lambda batch, _: write_spark(batch, str(tmp_path / "clicks"), buckets=2) and None
        )
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    stream.awaitTermination()
    assert content(spark, tmp_path / "clicks") == expected([rows], cs.Rules("30min"))


def test_refusals(spark: Any, tmp_path: Path) -> None:
    rows = [
        dict.fromkeys(("campaign", "visit", "country", "opens", "closes", "parts", "hidden"))
        | {"event_id": n, "user_id": "ann", "timestamp": n, "event_type": "view"}
        for n in range(3)
    ]
    log, target = frame_of(spark, rows), str(tmp_path)
    with pytest.raises(ParameterError, match="Delta is not offered"):
        write_spark(log, target, format="delta")
    with pytest.raises(ParameterError, match=r"`target` must be a folder for Parquet"):
        write_spark(log, target, format="iceberg")
    with pytest.raises(ParameterError, match=r"a PySpark DataFrame"):
        write_spark(pd.DataFrame(), target)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"`event_id` must be a column.*Did you mean"):
        write_spark(log, target, event_id="event_ids")
    with pytest.raises(ParameterError, match=r"without a column 'bucket'"):
        write_spark(log.withColumnRenamed("visit", "bucket"), target)
    with pytest.raises(ParameterError, match=r"1 rows without one"):
        write_spark(frame_of(spark, [*rows, {**rows[0], "event_id": None}]), target)
    write_spark(log, target, buckets=2)
    with pytest.raises(ParameterError, match=r"`buckets` must be 2, as the first write said"):
        write_spark(log, target)
    with pytest.raises(RulesChangedError, match="30 minutes"):
        write_spark(log, target, rules=cs.Rules("1h"), buckets=2)
    with pytest.raises(ParameterError, match=r"user_id string.*user_id bigint"):
        write_spark(log.withColumn("user_id", log.country), target, buckets=2)


def test_two_writes_at_once(spark: Any, tmp_path: Path) -> None:
    from clicksession.warehouse.spark.files import Folder
    from clicksession.warehouse.spark.parquet import locked

    file = Folder(spark, str(tmp_path / "lock"))
    with (
        locked(file),
        pytest.raises(TargetBusyError, match="another write is at work"),
        locked(file),
    ):
        raise AssertionError("both are at work")
    # No process has this number: the kernel gives none so high.
    mine = {"host": socket.gethostname(), "pid": 2**22 + 1}
    file.create(mine)
    with locked(file):
        assert file.exists()
    assert not file.exists()
    file.create({**mine, "host": "elsewhere"})
    with pytest.raises(TargetBusyError, match=r"host elsewhere.*delete"), locked(file):
        raise AssertionError("nobody knows whether that one is at work")
