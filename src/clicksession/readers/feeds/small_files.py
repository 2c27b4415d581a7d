"""Neighbouring small files, read as if they were one.

To parse a block and to make events of it takes some hundred calls, whatever its size: more than a
hundred rows take by themselves. So small files of newline-delimited JSON that follow one another
are gathered, and their lines make one block. It does not matter how a log is cut into blocks, and
each row still says from which file it is. Where anything is odd, a file is read by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from clicksession.errors import ReadError
from clicksession.readers.base import BadRow, Batch
from clicksession.readers.feeds.base import Feed
from clicksession.readers.feeds.files import FileFeed, TableFeed
from clicksession.readers.formats.blocks import Block
from clicksession.readers.formats.choosing import format_of
from clicksession.readers.formats.content import SNIFFED_BYTES
from clicksession.readers.formats.json.block import Rows
from clicksession.readers.formats.json.lines import LineParser
from clicksession.readers.formats.json.shape import Shapes
from clicksession.readers.options import Options
from clicksession.readers.rows.duplicates.keys import NONE
from clicksession.readers.sources.ahead import AheadStream
from clicksession.readers.sources.partitions import Constants, with_constants

__all__ = ["Given", "Group", "gathered"]

# Of a larger file, the calls take little beside the rows.
_SMALL_BYTES = 2**19

# What the files of a group take together: they wait in memory. With 0, no file is in a group.
_GROUP_BYTES = 2**22

# What each takes beside its bytes.
_FILE_BYTES = 2**12

# A group of fewer files that is odd is not divided any further.
_FEW = 4

_FORMAT = "json"


@dataclass(frozen=True)
class Given:
    """A source, with its bytes where it is one of bytes."""

    feed: Feed
    stream: AheadStream | None


@dataclass(frozen=True)
class _Small:
    """A small file that may be in a group, with its bytes, which its stream still has."""

    given: Given
    constants: Constants
    content: bytes


@dataclass(frozen=True)
class Group:
    """Small files that follow one another, as one source.

    Attributes
    ----------
    files
        The files.
    """

    files: Sequence[_Small]

    @property
    def name(self) -> str:
        """What the first of its files is called."""
        return self.files[0].given.feed.name

    @property
    def members(self) -> list[Given]:
        """Its files, each to be read by itself."""
        return [file.given for file in self.files]

    def parts(self) -> "list[Group | Given]":
        """Return it in two, or all of its files, where these are few."""
        if len(self.files) <= _FEW:
            return list(self.members)
        middle = len(self.files) // 2
        return [Group(self.files[:middle]), Group(self.files[middle:])]

    def batch(self, options: Options) -> Batch | None:
        """Return the rows of all files; nothing, if one of them is not as the others."""
        shapes = Shapes(options.schema)
        parser = LineParser(self.name, options.schema, options.max_row_bytes, shapes)
        block = Block(b"".join(map(_in_lines, self.files)), 1, 0)
        found = parser.whole(block, parser.known)
        constants = self.files[0].constants
        if not isinstance(found, Rows) or found.mixed:
            return None
        # What a folder says is compared with what all rows of a file say.
        if not constants.keys().isdisjoint(found.table.column_names):
            return None
        return with_constants(replace(parser.batch(block, found), format=_FORMAT), constants)

    def counts(self, lines: npt.NDArray[np.int64]) -> list[int]:
        """Return how many of these lines of the group each file has."""
        found = np.bincount(self._numbers(lines), minlength=len(self.files))
        counts: list[int] = found.tolist()
        return counts

    def located(self, row: BadRow) -> BadRow:
        """Return a bad row with the file that it is in, and its place there."""
        assert row.line is not None
        assert row.offset is not None
        [number] = self._numbers(np.array([row.line])).tolist()
        line = row.line - self._lines[number]
        return replace(
            row,
            file=self.files[number].given.feed.name,
            place=f"line {line}",
            line=line,
            offset=row.offset - self._offsets[number],
        )

    def _numbers(self, lines: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
        """Return the number of the file that each of these lines is in."""
        return np.searchsorted(self._lines, lines, side="left") - 1

    @cached_property
    def _lines(self) -> list[int]:
        """How many lines stand before each file."""
        counts = (_in_lines(file).count(b"\n") for file in self.files[:-1])
        return list(accumulate(counts, initial=0))

    @cached_property
    def _offsets(self) -> list[int]:
        """How many bytes stand before each file."""
        return list(accumulate((len(_in_lines(file)) for file in self.files[:-1]), initial=0))


def gathered(given: Iterable[Given], options: Options) -> Iterator[Group | Given]:
    """Yield sources in their order, small files that follow one another as groups."""
    group: list[_Small] = []
    size = 0
    for each in given:
        small = _small(each, options) if _may_be_small(each, options) else None
        if group and not (small and _fits(small, group[0], size)):
            yield _group(group)
            group, size = [], 0
        if small is None:
            yield each
        else:
            group.append(small)
            size += len(small.content) + _FILE_BYTES
    if group:
        yield _group(group)


def _group(files: list[_Small]) -> Group | Given:
    return Group(files) if len(files) > 1 else files[0].given


def _fits(small: _Small, first: _Small, size: int) -> bool:
    return size + len(small.content) <= _GROUP_BYTES and small.constants == first.constants


def _may_be_small(given: Given, options: Options) -> bool:
    """Say whether what is asked of a source leaves it to be read together with others."""
    schema = options.schema
    is_file = isinstance(given.feed, FileFeed) and not isinstance(given.feed, TableFeed)
    # What becomes of a row depends on its file, or on the rows before it there.
    depends = (options.for_tables and options.key == NONE) or schema.ambiguous == "order"
    looks_within = schema.events is not None or schema.pack or schema.pairs or schema.json
    return bool(is_file and given.stream and _GROUP_BYTES) and not (
        depends or looks_within or options.columns is not None
    )


def _small(given: Given, options: Options) -> _Small | None:
    """Return a source with its bytes, if these are a few lines of JSON, each an object."""
    assert isinstance(given.feed, FileFeed)
    assert given.stream is not None
    content = given.stream.whole(min(_SMALL_BYTES, _GROUP_BYTES, options.max_row_bytes))
    if content is None or not content.startswith(b"{") or not content.rstrip().endswith(b"}"):
        return None
    try:
        format = format_of(given.feed.name, content[:SNIFFED_BYTES], options.wanted)
    except ReadError:
        # Whoever reads it by itself says what is wrong, after all that comes before it.
        return None
    return _Small(given, given.feed.constants, content) if format == _FORMAT else None


def _in_lines(file: _Small) -> bytes:
    return file.content if file.content.endswith(b"\n") else file.content + b"\n"
