"""Which column a value of the source goes to, where several paths come out as one name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.rows.types import first_present
from clicksession.schema import column_name, fitting

__all__ = ["distinct", "name_of", "named"]

# A value on its way to a column: of which name it is the number-th, and the values.
_Value = tuple[str, int, pa.ChunkedArray]


def distinct(names: Sequence[str]) -> Iterator[str]:
    """Yield the names of a source's columns, a repeated one with its count: ``page``, ``page_2``.

    A count that would make another name of the source is passed over.
    """
    given, counts, seen = set(names), dict.fromkeys(names, 1), set[str]()
    for name in names:
        distinct = name
        while distinct in seen or (distinct in given and distinct != name):
            counts[name] += 1
            distinct = f"{name}_{counts[name]}"
        seen.add(distinct)
        yield distinct


def name_of(path: str, renamed: Mapping[str, str]) -> str:
    """Return the column that a path feeds, where no other path of a row feeds it too."""
    return renamed.get(path) or column_name(path)


def named(
    fields: Iterable[tuple[str, pa.ChunkedArray]], renamed: Mapping[str, str] | None = None
) -> dict[str, pa.ChunkedArray]:
    """Return the columns that the fields of a source feed, each given with its path.

    Of paths that come out alike, such as ``pageURL`` and ``page_url``, the first with a value in a
    row fills the column: the one that is renamed to it, the one that is spelled as the column is,
    then the others by their spelling. A further value of the row goes to ``page_url_2``. Each row
    alone decides, so that it does not matter which rows were read before it, or with it.

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
    renamed = renamed or {}
    names = {path: name_of(path, renamed) for path, _ in given}
    found: dict[str, pa.ChunkedArray] = dict.fromkeys(names.values())
    if len(found) == len(given):
        return {names[path]: values for path, values in given}

    def rank(field: tuple[str, pa.ChunkedArray]) -> tuple[bool, bool, str]:
        path = field[0]
        return path not in renamed, path != names[path], path

    waiting: dict[str, list[_Value]] = {}
    for path, values in sorted(given, key=rank):
        waiting.setdefault(names[path], []).append((names[path], 1, values))
    # What goes on to a longer name is there before that name's turn comes.
    turns = [(len(name), name) for name in waiting]
    heapify(turns)
    while turns:
        _, name = heappop(turns)
        columns = waiting.pop(name)
        alone = [values for _, _, values in columns]
        if all(root == name for root, _, _ in columns) and _is_free(name, len(columns), found):
            found |= _numbered(name, alone)
            continue
        found[name] = first_present(alone, empty_is_null=False)
        for root, number, values in _further(columns):
            further = fitting(f"{root}_{number}")
            if further not in waiting:
                heappush(turns, (len(further), further))
            waiting.setdefault(further, []).append((root, number, values))
    return found


def _is_free(name: str, count: int, known: Mapping[str, object]) -> bool:
    """Say whether no field is called as a further value of a name may be."""
    return not any(_further_name(name, number) in known for number in range(2, count + 1))


def _further_name(name: str, number: int) -> str:
    return name if number == 1 else fitting(f"{name}_{number}")


def _numbered(name: str, columns: list[pa.ChunkedArray]) -> dict[str, pa.ChunkedArray]:
    """Return the first values of all rows, the second ones, and so on, at one go."""
    taken = np.zeros(len(columns[0]), dtype=np.int64)
    values: dict[int, list[pa.ChunkedArray]] = {0: []}
    for column in columns:
        known = np.asarray(column.is_valid())
        for number in np.unique(taken[known]).tolist():
            rows = known & (taken == number)
            is_all = bool((rows == known).all())
            part = column if is_all else pc.if_else(pa.array(rows), column, None)
            values.setdefault(number, []).append(part)
        taken += known
    # A field of nulls alone is a column too.
    values[0] = values[0] or columns[:1]
    return {
        _further_name(name, number + 1): first_present(parts, empty_is_null=False)
        for number, parts in sorted(values.items())
    }


def _further(columns: list[_Value]) -> Iterable[_Value]:
    """Give what remains of columns whose first value of each row is taken; no column of nulls."""
    _, _, first = columns[0]
    taken = pc.is_valid(first)
    for root, number, values in columns[1:]:
        rest = pc.if_else(taken, values, pa.scalar(None, values.type))
        if rest.null_count < len(rest):
            yield root, number + 1, rest
        taken = pc.or_(taken, pc.is_valid(values))
