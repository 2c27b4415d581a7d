"""Sessions of events that say which session they are of: one row each, by array operations."""

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np
import pandas as pd

from clicksession.engines.boundaries import IdsOf
from clicksession.engines.columns import (
    NANOSECONDS,
    Times,
    Users,
    read_times,
    read_users,
    zone_of,
)
from clicksession.engines.edges import kept_columns
from clicksession.engines.ordering import by_key, differs
from clicksession.rules import reasons
from clicksession.windows.kept import Kept

__all__ = ["seconds_between", "summary_of", "time_column"]


def summary_of(
    sessionized: pd.DataFrame,
    user: str,
    time: str,
    kept: Kept,
    ids_of: IdsOf,
    parts: Sequence[str] = (),
    *,
    who: str,
) -> pd.DataFrame:
    """Return one row per session."""
    times = read_times(sessionized[time], who=who, parameter="time")
    users = read_users(sessionized[user], who=who, parameter="user")
    rows, starts = _grouped(sessionized["session_id"], users, times)
    sessions = _one_each(sessionized, times, rows, starts, (user, *parts), time)
    if kept:
        columns = kept_columns(sessionized, times.counts, rows, starts, kept, ids_of)
        sessions = sessions.assign(**columns)
    sessions = sessions.sort_values(["started_at", "session_id"], ignore_index=True)
    if "session_index" in sessionized:
        return sessions
    return _numbered(sessions, user, is_explained="start_reason" in sessionized, who=who)


def _grouped(session_ids: pd.Series, users: Users, times: Times) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that have a session, session by session, and where each begins."""
    codes, ids = pd.factorize(session_ids)
    present = np.flatnonzero((codes >= 0) & users.known & times.known)
    codes, owners = codes[present].astype(np.int64), users.codes[present]
    an_owner = np.zeros(len(ids), dtype=np.int64)
    an_owner[codes] = owners
    # Ids from elsewhere may be a user's own: then two users have sessions of one id.
    are_shared = (an_owner[codes] != owners).any()
    order = np.lexsort((owners, codes)) if are_shared else by_key(codes)
    return present[order], np.flatnonzero(differs(codes[order], owners[order]))


def _numbered(sessions: pd.DataFrame, user: str, *, is_explained: bool, who: str) -> pd.DataFrame:
    """Return sessions of ids that came from elsewhere with their users' ordinals."""
    owners = read_users(sessions[user], who=who, parameter="user")
    nth = pd.Series(owners.codes).groupby(owners.codes).cumcount() + 1
    sessions["session_index"] = pd.array(nth.to_numpy(), dtype="Int64")
    if not is_explained:
        sessions["start_reason"] = _by_ordinal(nth.to_numpy(), reasons.GIVEN)
    return sessions


def _one_each(
    sessionized: pd.DataFrame,
    times: Times,
    rows: np.ndarray,
    starts: np.ndarray,
    users: Sequence[str],
    time: str,
) -> pd.DataFrame:
    """Return one row per session, of rows that come session by session."""
    counts = times.counts[rows]
    began = np.minimum.reduceat(counts, starts) if len(starts) else counts[:0]
    ended = np.maximum.reduceat(counts, starts) if len(starts) else counts[:0]
    firsts = sessionized.iloc[rows[starts]]
    zone = zone_of(sessionized[time])
    is_numbered = "session_index" in sessionized
    indexes = firsts["session_index"].array if is_numbered else np.zeros(len(firsts), np.int64)
    sessions = pd.DataFrame(
        {
            "session_id": firsts["session_id"].array,
            **{name: firsts[name].array for name in users},
            "session_index": indexes,
            "started_at": time_column(began, times, zone),
            "ended_at": time_column(ended, times, zone),
            "duration_seconds": seconds_between(began, ended, times.unit),
            "event_count": np.diff(starts, append=len(rows)),
        }
    )
    if "start_reason" in sessionized:
        sessions["start_reason"] = firsts["start_reason"].astype("str").array
    else:
        sessions["start_reason"] = _by_ordinal(sessions["session_index"].to_numpy())
    return sessions


def time_column(counts: np.ndarray, times: Times, zone: tzinfo | str | None = None) -> pd.Series:
    """Return counts of units since 1970 as times: naive, or in a zone."""
    naive = pd.Series(counts.view(f"datetime64[{times.unit}]"))
    return naive if zone is None else naive.dt.tz_localize("UTC").dt.tz_convert(zone)


def seconds_between(began: np.ndarray, ended: np.ndarray, unit: str) -> np.ndarray:
    """Return how long each session lasted, in seconds."""
    # One division of exact integers, so that 90 minutes are 5400.0 and not a hair beside.
    seconds: np.ndarray = (ended - began) / (10**9 // NANOSECONDS[unit])
    return seconds


def _by_ordinal(indexes: np.ndarray, others: str = reasons.TIMEOUT) -> pd.Series:
    """Return why each session began where all but the first of a user began for one reason."""
    return pd.Series(np.where(indexes == 1, reasons.FIRST, others), dtype="str")
