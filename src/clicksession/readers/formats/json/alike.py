"""Lines of JSON that are written alike, as columns: cut at their quotation marks, all at once.

What is no value in a line is compared with that of the first of its kind, and what stands between
are its values, which are looked at too. That proves as much of a line as a parser does, at half
the cost. Lines of one kind take a shorter way. Lines with a backslash, with lists or of many kinds
are for the parser.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.formats.codes import Places
from clicksession.readers.formats.json.marks import Marks, is_plain
from clicksession.readers.formats.json.scalars import holds_no_control, scalars
from clicksession.readers.formats.json.templates import Template
from clicksession.readers.formats.json.uniform import uniform_columns
from clicksession.readers.formats.json.width import is_sparse
from clicksession.readers.rows.flattening import MAX_FIELDS, without_hollow

__all__ = ["rows_alike"]

# Of more kinds of lines, each takes longer than a parser would.
_KINDS = 8


def rows_alike(content: bytes) -> pa.Table | None:
    r"""Return the rows of whole lines, flat; nothing, where a parser has to look at them.

    Examples
    --------
    >>> lines = b'{"id": 1, "by": {"name": "ann"}}\n{"id": 2, "by": {"name": null}}\n'
    >>> rows_alike(lines).to_pylist()
    [{'id': 1, 'by.name': 'ann'}, {'id': 2, 'by.name': None}]
    >>> rows_alike(b'{"id": 1}\n{"id": [2]}\n')
    """
    if not is_plain(content):
        return None
    uniform = uniform_columns(content)
    if uniform is not None:
        return pa.table(without_hollow(uniform))
    marks = Marks.of(content)
    fields: dict[str, _Field] = {}
    left = np.arange(len(marks.ends))
    for _ in range(_KINDS):
        template = Template.of(marks.line(int(left[0])))
        if template is None:
            return None
        rows = _added(fields, marks, template, left[marks.counts[left] == template.quotes])
        if len(fields) > MAX_FIELDS or is_sparse(len(fields), len(marks.ends), len(content)):
            return None
        if len(rows) == len(left):
            return _table(fields, marks)
        left = np.setdiff1d(left, rows, assume_unique=True)
    return None


@dataclass(frozen=True)
class _Part:
    """Values of one field in lines of one kind: where they begin and end."""

    rows: Places
    starts: Places
    stops: Places


@dataclass(frozen=True)
class _Field:
    """Values of one field: those in quotation marks, and the others."""

    texts: list[_Part] = field(default_factory=list)
    bare: list[_Part] = field(default_factory=list)

    def column(self, marks: Marks) -> pa.Array | None:
        """Return the values; nothing, where they are of several types, or one is no JSON."""
        if not self.texts:
            return scalars(_found(marks, self.bare))
        # Beside texts, anything but a null is of another type.
        if self.bare and pc.any(pc.not_equal(_found(marks, self.bare), "null")).as_py():
            return None
        texts = _found(marks, self.texts)
        return texts if holds_no_control(texts) else None


def _added(fields: dict[str, _Field], marks: Marks, template: Template, rows: Places) -> Places:
    """Return which of these lines are as a template says, and add their values to the fields."""
    sizes = [len(constant.text) for constant in template.constants]
    places = [
        (marks.quote(rows, each.mark) if each.mark <= template.quotes else marks.ends[rows])
        - each.before
        for each in template.constants
    ]
    good = (places[0] == marks.starts[rows]) & (places[-1] + sizes[-1] == marks.ends[rows])
    for constant, place in zip(template.constants, places, strict=True):
        good &= marks.hold(place, constant.text)
    for size, before, after in zip(sizes, places, places[1:], strict=False):
        good &= before + size <= after
    if not good.all():
        rows, places = rows[good], [place[good] for place in places]
    for number, value in enumerate(template.values):
        part = _Part(rows, places[number] + sizes[number], places[number + 1])
        found = fields.setdefault(value.path, _Field())
        (found.texts if value.is_text else found.bare).append(part)
    return rows


def _table(fields: dict[str, _Field], marks: Marks) -> pa.Table | None:
    columns: dict[str, pa.Array] = {}
    for path, each in fields.items():
        column = each.column(marks)
        if column is None:
            return None
        columns[path] = column
    return pa.table(without_hollow(columns))


def _found(marks: Marks, parts: list[_Part]) -> pa.Array:
    """Return what stands in parts of the lines, and null in the others."""
    count = len(marks.ends)
    if len(parts) == 1 and len(parts[0].rows) == count:
        return marks.texts(parts[0].starts, parts[0].stops)
    # Where nothing is asked for, nothing stands: the texts are in the order of the lines.
    starts, stops = marks.starts.copy(), marks.starts.copy()
    there = np.zeros(count, dtype=bool)
    for part in parts:
        starts[part.rows], stops[part.rows], there[part.rows] = part.starts, part.stops, True
    return marks.texts(starts, stops, there)
