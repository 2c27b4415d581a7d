"""Which column a value of the source goes to, where several paths come out as one name."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.unify import first_present
from clicksession.schema import column_name, fitting

__all__ = ["named"]

# A value on its way to a column: of which name it is the number-th, and the values.
_Value = tuple[str, int, pa.ChunkedArray]


def named(fields: Iterable[tuple[str, pa.ChunkedArray]]) -> dict[str, pa.ChunkedArray]:
    """Return the columns that the fields of a source feed, each given with its path.

    Of paths that come out alike, such as ``pageURL`` and ``page_url``, the first with a value in a
    row fills the column: the one that is spelled as the column is, then the others by their
    spelling. A further value of the row goes to ``page_url_2``. Each row alone decides, so that it
    does not matter which rows were read before it, or with it.

    Examples
    --------
    >>> one, other = pa.chunked_array([["a", "b"]]), pa.chunked_array([[None, "c"]])
    >>> {name: values.to_pylist() for name, values in named([("pageURL", one)]).items()}
    {'page_url': ['a', 'b']}
    >>> found = named([("pageURL", one), ("page_url", other)])
    >>> {name: values.to_pylist() for name, values in found.items()}
    {'page_url': ['a', 'c'], 'page_url_2': [None, 'b']}
    """
    given = list(fields)
    names = {path: column_name(path) for path, _ in given}
    found: dict[str, pa.ChunkedArray] = dict.fromkeys(names.values())
    if len(found) == len(given):
        return {names[path]: values for path, values in given}
    waiting: dict[str, list[_Value]] = {}
    for path, values in sorted(given, key=lambda field: (field[0] != names[field[0]], field[0])):
        waiting.setdefault(names[path], []).append((names[path], 1, values))
    while waiting:
        # What goes on to a longer name is there before that name's turn comes.
        name = min(waiting, key=lambda name: (len(name), name))
        columns = waiting.pop(name)
        found[name] = first_present([values for _, _, values in columns], empty_is_null=False)
        for root, number, values in _further(columns):
            waiting.setdefault(fitting(f"{root}_{number}"), []).append((root, number, values))
    return found


def _further(columns: list[_Value]) -> Iterable[_Value]:
    """Give what remains of columns whose first value of each row is taken; no column of nulls."""
    _, _, first = columns[0]
    taken = pc.is_valid(first)
    for root, number, values in columns[1:]:
        rest = pc.if_else(taken, values, pa.scalar(None, values.type))
        if rest.null_count < len(rest):
            yield root, number + 1, rest
        taken = pc.or_(taken, pc.is_valid(values))
