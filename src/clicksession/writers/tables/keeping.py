"""Keep in each session the first and last values of columns of its events.

Which ones a target keeps stands in a table of its own, as for conversions. There a column is marked
as filled once it is. A column of the events that becomes one of another type makes the columns of
the sessions that are of it anew, so that they depend on the stored events alone.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, false, func, insert, select, true, update
from sqlalchemy.types import TypeEngine

from clicksession.errors import WriteError, did_you_mean
from clicksession.sql.constructs import ascending, descending
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Tables, edge_column
from clicksession.windows.kept import Edge, Kept
from clicksession.writers.bulk.alter import AddColumn, DropColumn
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import as_written, family_of
from clicksession.writers.tables.target import Target, stored_target

__all__ = ["absent", "fit_edges", "keeping", "stop_keeping"]


def keeping(access: Access) -> Access:
    """Return access to tables that keep what they are to keep, beside what they keep already.

    Raises
    ------
    ParameterError
        A column that would be called as one that counts conversions.
    WriteError
        The sessions have a column of such a name: not the library's, or of something else.
    """
    known, asked = _known(access), {edge.name: edge for edge in access.tables.kept.edges}
    if not known and not asked:
        return access
    for name in known.keys() & asked.keys():
        there = known[name][0]
        if there != asked[name]:
            problem = f"sessions keep in {name!r} the {there.side} {there.source!r} already"
            hint = f"Use another name, or SQLWriter.stop_keeping({name!r}) before."
            raise WriteError(access.tables.table("sessions").name, problem, hint)
    edges = {**{name: edge for name, (edge, _) in known.items()}, **asked}
    access = access.of(_with(access.tables, edges.values()))
    target = stored_target(access.connection, access.tables)
    new = [edge for name, edge in asked.items() if name not in known]
    if new:
        _begin(access, new, {} if target is None else _types(access, target))
    if target is None:
        _mark(access, edges, is_filled=True)
    else:
        fit_edges(access, target)
    return access


def fit_edges(access: Access, target: Target) -> None:
    """Bring the columns of the sessions up to the columns of the events that they are of."""
    if not target.kept.edges:
        return
    known, there = _known(access), _types(access, target)
    for edge in target.kept.edges:
        column = target.sessions.c[edge.name]
        kind = there.get(edge.name)
        is_filled = known[edge.name][1]
        if kind is not None and is_filled and family_of(kind) == family_of(column.type):
            continue
        if is_filled:
            _mark(access, [edge.name], is_filled=False)
        if kind is not None:
            access.connection.execute(DropColumn(target.sessions, column))
        access.connection.execute(AddColumn(target.sessions, edge_column(edge, column.type)))
        _fill(access, target, edge)
        _mark(access, [edge.name], is_filled=True)


def absent(target: Target) -> dict[str, str]:
    """Return what sessions keep of a column that no stored event has, each with a sentence.

    It may be misspelt, or come later: a table has a column once an event has a value in it.
    """
    known = [column.name for column in target.events.c if column.name != "session_id"]
    return {
        edge.name: f"Sessions keep the {edge.side} {edge.source!r} in {edge.name!r}, and no event "
        f"in table {target.events.name!r} has such a column so far: all are null. "
        f"{did_you_mean(edge.source, known)}".rstrip()
        for edge in target.kept.edges
        if edge.source not in target.events.c
    }


def stop_keeping(access: Access, names: Collection[str]) -> None:
    """Keep some columns no more: they go."""
    known, connection = _known(access), access.connection
    edges = [edge for edge, _ in known.values()]
    target = stored_target(connection, _with(access.tables, edges))
    for name in set(names) & known.keys():
        column = access.tables.kept_columns.c.column_name
        connection.execute(delete(access.tables.kept_columns).where(column == name))
        if target is not None and name in _types(access, target):
            connection.execute(DropColumn(target.sessions, target.sessions.c[name]))


def _with(tables: Tables, edges: Iterable[Edge]) -> Tables:
    """Return tables whose sessions keep these."""
    return tables.keeping(Kept.of(edges, tables.kept.counted_events))


def _known(access: Access) -> dict[str, tuple[Edge, bool]]:
    """Return what a target keeps, by the column, and whether it is filled."""
    connection, kept = access.connection, access.tables.kept_columns
    if not access.tables.holds(connection, kept):
        return {}
    return {
        row.column_name: (Edge(row.column_name, row.source, row.side == "last"), row.is_filled)
        for row in connection.execute(select(kept)).all()
    }


def _types(access: Access, target: Target) -> dict[str, TypeEngine[Any]]:
    dialect = spelling(access.connection.dialect.name)
    there = dialect.columns(access.connection, target.sessions) or {}
    return {name: as_written(name, kind) for name, kind in there.items()}


def _begin(access: Access, new: list[Edge], there: Collection[str]) -> None:
    """Remember what is to be kept, where nothing of that name is there."""
    kept = access.tables.kept_columns
    taken = {name.lower() for name in there}
    for edge in new:
        if edge.name.lower() in taken:
            problem = f"sessions have a column {edge.name!r} that is not the library's"
            hint = "Rename or drop that column, or use another name."
            raise WriteError(access.tables.table("sessions").name, problem, hint)
    rows: list[dict[str, Any]] = [
        {"column_name": each.name, "side": each.side, "source": each.source, "is_filled": False}
        for each in new
    ]
    access.connection.execute(insert(access.made(kept)), rows)


def _mark(access: Access, names: Iterable[str], *, is_filled: bool) -> None:
    kept = access.tables.kept_columns
    these = kept.c.column_name.in_(list(names))
    value = true() if is_filled else false()
    access.connection.execute(update(kept).where(these).values(is_filled=value))


def _fill(access: Access, target: Target, edge: Edge) -> None:
    """Give all stored sessions the value of their stored events."""
    events, sessions = target.events, target.sessions
    if edge.source not in events.c:
        return
    source = events.c[edge.source]
    order = descending if edge.is_last else ascending
    number = func.row_number().over(
        partition_by=events.c.session_id,
        order_by=[order(events.c.timestamp), order(events.c.event_id)],
    )
    numbered = (
        select(events.c.session_id, source.label("kept"), number.label("place"))
        .where(source.is_not(None), events.c.session_id.is_not(None))
        .subquery("numbered")
    )
    is_same = sessions.c.session_id == numbered.c.session_id
    filled = update(sessions).where(is_same, numbered.c.place == 1)
    access.connection.execute(filled.values({sessions.c[edge.name]: numbered.c.kept}))
