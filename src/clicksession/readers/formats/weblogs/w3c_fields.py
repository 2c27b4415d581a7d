"""Cut the lines of the W3C's extended log format into their fields."""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.formats.weblogs.cutting import columns_of

__all__ = ["fields_of"]

Places = npt.NDArray[np.int64]

_FIELD = {mark: re.compile(rf'"((?:[^"]|"")*)"|([^"{mark}][^{mark}]*|)') for mark in (" ", "\t")}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def fields_of(lines: pa.Array, count: int) -> tuple[Places, list[pa.Array]]:
    """Return which lines have so many fields, and a column of each field, without quotes.

    A line that holds a tab outside of quotes has its fields between tabs, else between blanks.
    Between blanks, no field is empty.
    """
    texts = _trimmed(lines, count)
    quoted = np.asarray(pc.match_substring(texts, '"'))
    tabs = np.asarray(pc.match_substring(texts, "\t"))
    parts = [_alike(texts, ~quoted & tabs, "\t", count), _alike(texts, ~quoted & ~tabs, " ", count)]
    if quoted.any():
        parts.append(_one_by_one(texts, quoted, count))
    parts = [part for part in parts if len(part[0])]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.zeros(0, dtype=np.int64), [pa.array([], pa.string())] * count
    places = np.concatenate([part[0] for part in parts])
    order = np.argsort(places)
    columns = zip(*(part[1] for part in parts), strict=True)
    return places[order], [pa.concat_arrays(column).take(pa.array(order)) for column in columns]


def _trimmed(lines: pa.Array, count: int) -> pa.Array:
    """Return lines without what some writers leave at the end of each."""
    texts = pc.ascii_rtrim(lines, " ")
    # CloudFront's own example holds a line with a tab at its end.
    extra = pc.and_(pc.ends_with(texts, "\t"), pc.equal(pc.count_substring(texts, "\t"), count))
    return pc.if_else(extra, pc.ascii_rtrim(texts, "\t"), texts) if pc.any(extra).as_py() else texts


def _alike(
    texts: pa.Array, which: npt.NDArray[np.bool_], mark: str, count: int
) -> tuple[Places, list[pa.Array]]:
    fits = np.asarray(pc.equal(pc.count_substring(texts, mark), count - 1)) & which
    if mark == " ":
        empty = pc.or_(pc.match_substring(texts, "  "), pc.starts_with(texts, " "))
        fits &= ~np.asarray(empty) & np.asarray(pc.not_equal(texts, ""))
    places = np.flatnonzero(fits)
    some = texts if len(places) == len(texts) else texts.take(pa.array(places))
    return places, columns_of(pc.split_pattern(some, mark).flatten(), count)


def _one_by_one(
    texts: pa.Array, which: npt.NDArray[np.bool_], count: int
) -> tuple[Places, list[pa.Array]]:
    places, rows = [], []
    for place in np.flatnonzero(which).tolist():
        fields = _fields(texts[place].as_py(), count)
        if len(fields) == count:
            places.append(place)
            rows.append(fields)
    columns = list(zip(*rows, strict=True)) or [()] * count
    return np.array(places, dtype=np.int64), [pa.array(column, pa.string()) for column in columns]


def _fields(line: str, count: int) -> list[str]:
    """Return the fields of a line that holds a quotation mark; none, where they cannot be told.

    Where there are more than `count`, not all of them.
    """
    mark = "\t" if "\t" in _QUOTED.sub("", line) else " "
    fields: list[str] = []
    place = 0
    while place <= len(line) and len(fields) <= count:
        found = _FIELD[mark].match(line, place)
        end = found.end() if found else place
        if found is None or line[end : end + 1] not in ("", mark):
            return []
        quoted, bare = found.groups()
        if mark == " " and not bare and quoted is None:
            return []
        fields.append(bare if quoted is None else quoted.replace('""', '"'))
        place = end + 1
    return fields
