"""Ids that a table can tell events apart by, where the user chose another key than the log's ids.

Made of a row alone, or of its file and its place in it, so that they are the same however the log
is cut and however often it is read. Of one user and one moment they sort as the log's own ids do.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.quality.content import made_ids
from clicksession.readers.rows.duplicates.keys import MOMENT, NONE, RowKey
from clicksession.readers.rows.frames import to_pandas
from clicksession.readers.rows.joins import texts
from clicksession.readers.rows.ties import order_of

__all__ = ["digest_of", "with_own_ids"]


def with_own_ids(events: pa.Table, key: RowKey, file: str, numbers: Sequence[int]) -> pa.Table:
    """Return events with ids that say what the key says; the log's are in ``source_event_id``.

    Parameters
    ----------
    events
        In canonical columns.
    key
        Any but the id.
    file
        What `digest_of` gives for the file; empty for what is none.
    numbers
        Where each row stands in its file, bad rows counted; a row may hold several events.
    """
    if "event_id" in events.column_names:
        name = "source_event_id"
        while name in events.column_names:
            name = f"source_{name}"
        names = [name if each == "event_id" else each for each in events.column_names]
        events = events.rename_columns(names)
        order, content = order_of([events[name]]), events.drop_columns(name)
    else:
        order, content = pa.chunked_array([pa.nulls(events.num_rows, pa.string())]), events
    ids = _ids(content, order, key, file, numbers)
    return events.add_column(0, "event_id", pa.chunked_array([ids.cast(pa.string())]))


def _ids(
    events: pa.Table, order: pa.ChunkedArray, key: RowKey, file: str, numbers: Sequence[int]
) -> pa.ChunkedArray:
    if key == MOMENT and not order.null_count:
        return _with_moment(events, order)
    content = pa.chunked_array([made_ids(to_pandas(events), who="run").cast(pa.string())])
    if key == MOMENT:
        return pc.coalesce(_with_moment(events, order), content)
    # Frames, too, put rows of one id and moment in order of what else they hold.
    own = pc.coalesce(pc.binary_join_element_wise(order, content, "-"), content)
    if key == NONE:
        places = pa.array([f"{file}:{place}" for place in _places(numbers)], pa.string())
        return pc.binary_join_element_wise(own, pa.chunked_array([places]), "-")
    return own


def _places(numbers: Sequence[int]) -> Iterator[str]:
    """Give the place of each event: of several in one row, with its number among them."""
    before, count = None, 0
    for number in numbers:
        count = count + 1 if number == before else 0
        before = number
        yield f"{number:012}.{count}" if count else f"{number:012}"


def _with_moment(events: pa.Table, order: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the user, the time in microseconds and the id, as one text."""
    # With every colon doubled, no user can look like another one with a time.
    users = pc.replace_substring(texts(events["user_id"]), ":", "::")
    kind = pa.timestamp("us", events["timestamp"].type.tz)
    times = events["timestamp"].cast(kind, safe=False).cast(pa.int64()).cast(pa.string())
    known = [pc.coalesce(part, "") for part in (users.cast(pa.string()), times)]
    return pc.binary_join_element_wise(*known, order, ":")


def digest_of(file: str) -> str:
    """Return 16 hexadecimal digits for what tells a file from any other."""
    return blake2b(file.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
