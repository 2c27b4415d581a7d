"""Events that a reading gives in the types of a table already: nearly all of them."""

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import ENDLESS, is_text
from clicksession.quality.content import DERIVED
from clicksession.writers.tables.columns import INSTANT
from clicksession.writers.tables.storable import ALWAYS, require_names

__all__ = ["plain"]


def plain(events: pa.Table) -> pa.Table | None:
    """Return what a table keeps of events, or None where a value has to be looked into for that.

    `storable` gives the same of them, with repeated events left out.
    """
    require_names(events.column_names)
    names = [name for name in events.column_names if name not in ALWAYS]
    if not set(ALWAYS) <= set(events.column_names) or events["event_id"].null_count:
        return None
    if any(name in DERIVED for name in names):
        return None
    are_ids = all(_is_id(events.schema.field(name).type) for name in ("event_id", "user_id"))
    if not are_ids or not _are_instants(events["timestamp"]):
        return None
    # A column without a value says nothing yet, not even of what type it will be.
    said = [name for name in names if events[name].null_count < events.num_rows]
    if not all(_is_kept(events[name]) for name in said):
        return None
    return events.select([*ALWAYS, *said])


def _is_id(kind: pa.DataType) -> bool:
    return kind == pa.int64() or is_text(kind)


def _are_instants(times: pa.ChunkedArray) -> bool:
    """Say whether all times are moments of a table's type: neither finer nor infinite."""
    if times.type != INSTANT:
        return False
    bounds = pc.min_max(times.cast(pa.int64())).as_py()
    return bounds["min"] is None or (bounds["min"] > -ENDLESS and bounds["max"] < ENDLESS)


def _is_kept(column: pa.ChunkedArray) -> bool:
    """Say whether a table keeps each value as it is; of floats, it has nulls for those like NaN."""
    kind = column.type
    if kind == pa.float64():
        return not pc.any(pc.is_nan(column)).as_py()
    return kind in (pa.int64(), pa.bool_(), INSTANT) or is_text(kind)
