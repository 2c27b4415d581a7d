"""A frame that is given to a writer: of pandas, and with sessions that the writer would cut."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.errors import ParameterError
from clicksession.rules import Rules
from clicksession.schema import SOURCE_SESSION
from clicksession.writers.merging.neighbourhood import split_rows
from clicksession.writers.tables.storable import storable

__all__ = ["check_sessions", "require_pandas", "with_source_sessions"]


def require_pandas(events: object, who: str, way_out: str) -> None:
    """Refuse what is no frame of pandas; where it is another frame, with the way out."""
    if not isinstance(events, pd.DataFrame):
        kind = type(events)
        hint = way_out if hasattr(events, "__arrow_c_stream__") else ""
        got = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        raise ParameterError(who, "events", "a pandas.DataFrame", got, hint)


def with_source_sessions(events: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return events whose own ids of sessions have the name that the tables keep them by."""
    is_given = rules.session_column == SOURCE_SESSION and SOURCE_SESSION not in events
    if not is_given or "session_id" not in events:
        return events
    derived = [name for name in ("session_index", "start_reason") if name in events]
    return events.drop(columns=derived).rename(columns={"session_id": SOURCE_SESSION})


def check_sessions(events: pd.DataFrame, rules: Rules) -> None:
    """Refuse a frame whose sessions are not those that a writer would cut by these rules."""
    if "session_id" not in events or not len(events):
        return
    # Whoever cut them saw the ids as they were given.
    batch = storable(events, fits=False)
    split = split_rows(batch.rows, rules)
    ours = split.ids.take(split.per_row())
    theirs = pa.array(events["session_id"].iloc[batch.kept].astype("str"), pa.large_string())
    if not pc.all(pc.equal(pc.fill_null(ours, ""), pc.fill_null(theirs, ""))).as_py():
        raise ParameterError(
            "SQLWriter.write",
            "events",
            f"without sessions, or with those that the writer would cut ({rules})",
            "others: by other rules, by times finer than a microsecond, or with ties in time "
            "that no event_id breaks",
            "Give SQLWriter the same rules, or drop the column session_id.",
        )
