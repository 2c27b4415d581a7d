"""What a caller gives as the source, checked."""

from collections.abc import Sequence

from sqlalchemy import FromClause, Select, column, table
from sqlalchemy.types import NullType

from clicksession.errors import ParameterError, did_you_mean
from clicksession.rules import Rules
from clicksession.sql.dialects import spelling
from clicksession.warehouse.names import CHANGED_IN, RUN
from clicksession.windows import ADDED

__all__ = ["as_source", "check_types", "columns_of"]

_WHO = "warehouse.incremental"
_TAKEN = (*ADDED, *RUN, CHANGED_IN, "opened_by")


def as_source(source: object, columns: Sequence[str] | None) -> FromClause:
    """Return the source as something to select from.

    Raises
    ------
    ParameterError
        It is no table and no query, or the name of a table whose columns are not given.
    """
    if isinstance(source, Select):
        return source.cte("source")
    if isinstance(source, FromClause):
        return source
    if not isinstance(source, str) or not all(source.split(".")):
        must = "a table or query of SQLAlchemy, or the name of a table"
        raise ParameterError(_WHO, "source", must, source)
    if not columns:
        must = "given with the name of a table: the columns that are stored"
        raise ParameterError(_WHO, "columns", must, columns)
    *schema, name = source.split(".")
    return table(name, *map(column, columns), schema=".".join(schema) or None)


def check_types(source: FromClause, dialect: str, *keys: str) -> None:
    """Refuse keys without a type where a database may take two texts for one.

    Raises
    ------
    ParameterError
        A column of which it is not known whether it is a text.
    """
    if not spelling(dialect).compares_by_collation:
        return
    for name in keys:
        if isinstance(source.c[name].type, NullType):
            must = f"a Table with types, which {dialect} needs to compare texts by every letter"
            hint = f"Give column {name!r} its type, such as Column({name!r}, Text)."
            raise ParameterError(_WHO, "source", must, "columns without types", hint)


def columns_of(
    source: FromClause, rules: Rules, *, loaded_at: str | None, **keys: str
) -> dict[str, str]:
    """Return what is stored: the names that columns have in the table, and in the source.

    Raises
    ------
    ParameterError
        A column that the source does not have, or one that the tables have for themselves.
    """
    there = list(source.c.keys())
    given = {**keys, **({"loaded_at": loaded_at} if loaded_at else {})}
    for parameter, name in (*given.items(), *(("rules", each) for each in rules.columns)):
        if name not in there:
            must = f"a column of the source ({', '.join(there)})"
            raise ParameterError(_WHO, parameter, must, name, did_you_mean(name, there))
    stored = {"event_id": keys["event_id"], "user_id": keys["user"], "timestamp": keys["time"]}
    others = [name for name in there if name not in stored.values()]
    for name in others:
        if name.lower() in (*stored, *_TAKEN):
            must = f"without a column {name!r}, which the tables have for themselves"
            raise ParameterError(_WHO, "source", must, there, "Give it another name in a query.")
    return {**stored, **{name: name for name in others}}
