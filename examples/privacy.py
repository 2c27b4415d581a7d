"""One person's data in a target: who it is stored as, all that is stored, and how all of it goes.

names = ["ann@example.com", "device-7"]
everything(engine, names)["events"].to_csv("ann.csv")
forget(engine, names, cs.Rules("30min"))
"""

import json
from collections.abc import Collection, Sequence

import pandas as pd
import sqlalchemy as sa

import clicksession as cs

__all__ = ["everything", "forget", "others_with"]

# Tables that only some targets have, and the columns that tell whose a row is.
BESIDE = {
    "clicksession_quarantine": ("event",),
    "session_changes": ("old_session_id", "new_session_id"),
}


def others_with(engine: sa.Engine, names: Collection[str], columns: Sequence[str]) -> pd.DataFrame:
    """Return who else has a value that the person's events have: a person must say who is meant.

    An address may be that of a household or an office, a device that of a family.

    Parameters
    ----------
    engine
        The target.
    names
        The ids that the person is known to have.
    columns
        Columns of the events that may tell a person: a device, an address, an e-mail.

    Returns
    -------
    DataFrame
        ``column``, ``value``, ``user_id`` (null for events of nobody), ``events``.
    """
    events = cs.load_events(engine, columns=("user_id", *columns))
    known = events["user_id"].astype("str").isin(list(names))
    found = []
    for column in columns:
        shared = events[events[column].isin(events.loc[known, column].dropna()) & ~known]
        counts = shared.groupby([column, "user_id"], dropna=False).size()
        found.append(counts.rename("events").reset_index().rename(columns={column: "value"}))
    return pd.concat(
        [frame.assign(column=name) for name, frame in zip(columns, found, strict=True)]
    )[["column", "value", "user_id", "events"]].reset_index(drop=True)


def everything(engine: sa.Engine, names: Collection[str]) -> dict[str, pd.DataFrame]:
    """Return all rows of a person, by the table that they are in."""
    found = {}
    for table, load in (("events", cs.load_events), ("sessions", cs.load_sessions)):
        rows = load(engine)
        found[table] = rows[rows["user_id"].astype("str").isin(list(names))]
    for table, columns in BESIDE.items():
        rows = _all(engine, table)
        tells = [rows[column].map(lambda value: _tells(value, names)) for column in columns]
        found[table] = rows[pd.concat(tells, axis=1).any(axis=1)]
    return found


def forget(engine: sa.Engine, names: Collection[str], rules: cs.Rules) -> dict[str, int]:
    """Delete all rows of a person, and return how many of each table.

    Parameters
    ----------
    engine
        The target.
    names
        The ids that the person has.
    rules
        Those that the target was made by.
    """
    writer = cs.SQLWriter(engine, rules=rules)
    done = [writer.delete_user(name) for name in names]
    gone = {
        "events": sum(each.events_deleted for each in done),
        "sessions": sum(each.sessions_removed for each in done),
    }
    rest = {table: rows for table, rows in everything(engine, names).items() if table in BESIDE}
    with engine.begin() as connection:
        for table, rows in rest.items():
            for name in BESIDE[table]:
                column = sa.column(name, sa.String())
                for value in rows[name].dropna().unique():
                    connection.execute(sa.delete(sa.table(table)).where(column == value))
            gone[table] = len(rows)
    return gone


def _all(engine: sa.Engine, table: str) -> pd.DataFrame:
    if not sa.inspect(engine).has_table(table):
        return pd.DataFrame(columns=list(BESIDE[table]), dtype="str")
    with engine.connect() as connection:
        return pd.read_sql(sa.select("*").select_from(sa.table(table)), connection)


def _tells(value: object, names: Collection[str]) -> bool:
    """Say whether the id of a session is of the person, or an event that was set aside."""
    if not isinstance(value, str):
        return False
    if value.startswith("{"):
        return str(json.loads(value).get("user_id")) in names
    return value.rpartition(":")[0] in names
