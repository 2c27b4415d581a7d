"""The steps of a write, each a plan that the executors run."""

from itertools import chain

from pyspark.sql import DataFrame, functions

from clicksession.errors import ParameterError
from clicksession.rules import Rules
from clicksession.sessions import sessionize, summarize
from clicksession.warehouse.spark.batch import (
    BUCKET,
    OWN,
    WRITTEN_IN,
    Fresh,
    bucketed,
    col,
    new_of,
)

__all__ = ["behind", "cut", "new_events", "sessions_of"]


def new_events(events: DataFrame | None, batch: DataFrame, buckets: int) -> Fresh:
    """Return the events of a batch that are not stored yet.

    Raises
    ------
    ParameterError
        A column is of another type than in the table, or an event has no id.
    """
    if events is not None:
        _require_types(events, batch)
    return new_of(batch, events, buckets)


def cut(events: DataFrame | None, new: Fresh, rules: Rules, mark: str) -> DataFrame:
    """Return the buckets that new events touch, with all of their events and their sessions."""
    pool = new.events
    if events is not None:
        kept = events.where(col(BUCKET).isin(new.buckets))
        others = [name for name in events.columns if name not in OWN or name == BUCKET]
        pool = kept.select(*map(col, others)).unionByName(pool, allowMissingColumns=True)
    return sessionize(pool, rules=rules).withColumn(WRITTEN_IN, functions.lit(mark))


def behind(events: DataFrame, sessions: DataFrame | None) -> dict[int, str]:
    """Return the buckets whose sessions are of other events than the stored, by marks."""
    marks = events.select(BUCKET, WRITTEN_IN).distinct()
    if sessions is not None:
        there = sessions.select(BUCKET, WRITTEN_IN).distinct()
        marks = marks.join(there, [BUCKET, WRITTEN_IN], "left_anti")
    found = {row[BUCKET]: row[WRITTEN_IN] for row in marks.collect()}
    if not found:
        return {}
    # A bucket of events that have no sessions has no mark among these either.
    has_some = events.where(col(BUCKET).isin(list(found)) & col("session_id").isNotNull())
    return {row[BUCKET]: found[row[BUCKET]] for row in has_some.select(BUCKET).distinct().collect()}


def sessions_of(events: DataFrame, marks: dict[int, str], buckets: int) -> DataFrame:
    """Return the sessions of some buckets, from their stored events and nothing else."""
    made = summarize(events.where(col(BUCKET).isin(list(marks))))
    event_id = functions.lit(None).cast("string").alias("event_id")
    placed = made.select("*", event_id).withColumn(BUCKET, bucketed(buckets)).drop("event_id")
    each = chain.from_iterable((functions.lit(n), functions.lit(m)) for n, m in marks.items())
    return placed.withColumn(WRITTEN_IN, functions.create_map(*each)[col(BUCKET)])


def _require_types(events: DataFrame, batch: DataFrame) -> None:
    there = {field.name: field.dataType for field in events.schema}
    for field in batch.schema:
        kind = there.get(field.name, field.dataType)
        if kind != field.dataType:
            must = f"of the table's types: {field.name} {kind.simpleString()}"
            got = f"{field.name} {field.dataType.simpleString()}"
            raise ParameterError("warehouse.write_spark", "frame", must, got, "Cast it first.")
