"""The steps of a write, each a plan that the executors run: what is new, and what follows of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from pyspark.sql import Column, DataFrame, functions
from pyspark.sql import Window as SparkWindow
from pyspark.sql.types import DataType, IntegralType, StringType

from clicksession.errors import ParameterError
from clicksession.labels import require_column, require_distinct
from clicksession.rules import Rules
from clicksession.sessions import sessionize, summarize
from clicksession.windows import ADDED

__all__ = ["BUCKET", "Fresh", "behind", "cut", "named", "new_events", "sessions_of"]

#: The column that the tables are partitioned by.
BUCKET = "bucket"

# The write that replaced a row's bucket: sessions are those of the events that have the same.
_WRITTEN_IN = "written_in"

# What the tables have for themselves.
_OWN = (*ADDED, BUCKET, _WRITTEN_IN)

_WHO = "warehouse.write_spark"


@dataclass(frozen=True)
class Fresh:
    """Events that are not stored yet, on the executors, and how many rows they are of."""

    events: DataFrame
    rows: int
    added: int
    buckets: list[int]


def named(frame: DataFrame, keys: Mapping[str, tuple[str, str]]) -> DataFrame:
    """Return the frame under the names of the tables.

    Parameters
    ----------
    frame
        The batch.
    keys
        For each name of the tables the parameter and the column of the batch that it says.

    Raises
    ------
    ParameterError
        A column that is not there, or one that the tables have for themselves.
    """
    require_distinct(frame.columns, _WHO, "frame")
    for parameter, name in keys.values():
        require_column(frame.columns, name, _WHO, parameter)
    given = [name for _, name in keys.values()]
    others = [name for name in frame.columns if name not in given]
    taken = {*keys, *_OWN}
    for name in others:
        if name.lower() in taken:
            must = f"without a column {name!r}, which the tables have for themselves"
            raise ParameterError(_WHO, "frame", must, frame.columns, "Rename or drop it.")
    _require_id(frame.schema[keys["event_id"][1]].dataType, keys["event_id"][1])
    known = [_col(name).alias(key) for key, (_, name) in keys.items()]
    return frame.select(*known, *map(_col, others))


def new_events(batch: DataFrame, stored: DataFrame | None, buckets: int) -> Fresh:
    """Return the events that are not stored yet, each once.

    The batch is read once, and stays on the executors: a source that gives other rows when it is
    read again cannot make the steps disagree. What comes to the driver are counts, and the numbers
    of the buckets.

    Raises
    ------
    ParameterError
        A column is of another type than in the table, or an event has no id: it could not be told
        from itself.
    """
    if stored is not None:
        _require_types(stored, batch)
    kept = batch.localCheckpoint()
    without = functions.count_if(_col("event_id").isNull())
    rows, nameless = kept.agg(functions.count("*"), without).first() or (0, 0)
    if nameless:
        must, hint = "an id of each event", "Make ids of what identifies an event, or drop these."
        raise ParameterError(_WHO, "event_id", must, f"{nameless:,} rows without one", hint)
    once = _each_once(kept)
    if stored is not None:
        known = stored.select("event_id").join(once.select("event_id"), "event_id", "left_semi")
        once = once.join(known, "event_id", "left_anti")
    new = once.withColumn(BUCKET, _bucketed(buckets)).localCheckpoint()
    found = new.groupBy(BUCKET).count().collect()
    touched = sorted(row[BUCKET] for row in found)
    return Fresh(new, rows, sum(row["count"] for row in found), touched)


def cut(events: DataFrame | None, new: Fresh, rules: Rules, mark: str) -> DataFrame:
    """Return the buckets that new events touch, with all of their events and their sessions."""
    pool = new.events
    if events is not None:
        kept = events.where(_col(BUCKET).isin(new.buckets))
        others = [name for name in events.columns if name not in _OWN or name == BUCKET]
        pool = kept.select(*map(_col, others)).unionByName(pool, allowMissingColumns=True)
    return sessionize(pool, rules=rules).withColumn(_WRITTEN_IN, functions.lit(mark))


def behind(events: DataFrame, sessions: DataFrame | None) -> dict[int, str]:
    """Return the buckets whose sessions are of other events than the stored, by marks."""
    marks = events.select(BUCKET, _WRITTEN_IN).distinct()
    if sessions is not None:
        there = sessions.select(BUCKET, _WRITTEN_IN).distinct()
        marks = marks.join(there, [BUCKET, _WRITTEN_IN], "left_anti")
    found = {row[BUCKET]: row[_WRITTEN_IN] for row in marks.collect()}
    if not found:
        return {}
    # A bucket of events that have no sessions has no mark among these either.
    has_some = events.where(_col(BUCKET).isin(list(found)) & _col("session_id").isNotNull())
    return {row[BUCKET]: found[row[BUCKET]] for row in has_some.select(BUCKET).distinct().collect()}


def sessions_of(events: DataFrame, marks: dict[int, str], buckets: int) -> DataFrame:
    """Return the sessions of some buckets, from their stored events and nothing else."""
    made = summarize(events.where(_col(BUCKET).isin(list(marks))))
    event_id = functions.lit(None).cast("string").alias("event_id")
    placed = made.select("*", event_id).withColumn(BUCKET, _bucketed(buckets)).drop("event_id")
    each = chain.from_iterable((functions.lit(n), functions.lit(m)) for n, m in marks.items())
    return placed.withColumn(_WRITTEN_IN, functions.create_map(*each)[_col(BUCKET)])


def _bucketed(buckets: int) -> Column:
    """Return the bucket of a row: of its user, and where nobody knows the user of its event.

    A hash of null is a constant: all events without a user would be in one bucket.
    """
    whose = functions.concat(functions.lit("user:"), _col("user_id").cast("string"))
    event = functions.concat(functions.lit("event:"), _col("event_id").cast("string"))
    hashed = functions.xxhash64(functions.coalesce(whose, event))
    return functions.pmod(hashed, functions.lit(buckets)).cast("int")


def _col(name: str) -> Column:
    """Return a column; a point in its name is no field of a structure."""
    return functions.col(f"`{name.replace('`', '``')}`")


def _each_once(batch: DataFrame) -> DataFrame:
    """Return of each id one row: which one, its content decides, as rows have no order."""
    content = functions.to_json(functions.struct(*map(_col, batch.columns)))
    order = SparkWindow.partitionBy("event_id").orderBy(
        _col("timestamp").asc_nulls_last(), _col("user_id").asc_nulls_last(), content
    )
    place = "place_in_batch"
    ranked = batch.withColumn(place, functions.row_number().over(order))
    return ranked.where(_col(place) == 1).drop(place)


def _require_id(kind: DataType, name: str) -> None:
    if not isinstance(kind, StringType | IntegralType):
        must, got = "a column of text or whole numbers", f"{name} ({kind.simpleString()})"
        raise ParameterError(_WHO, "event_id", must, got, "Convert it to text first.")


def _require_types(events: DataFrame, batch: DataFrame) -> None:
    there = {field.name: field.dataType for field in events.schema}
    for field in batch.schema:
        kind = there.get(field.name, field.dataType)
        if kind != field.dataType:
            must = f"of the table's types: {field.name} {kind.simpleString()}"
            got = f"{field.name} {field.dataType.simpleString()}"
            raise ParameterError(_WHO, "frame", must, got, "Cast it first.")
