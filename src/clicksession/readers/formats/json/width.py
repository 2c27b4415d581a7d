"""Say beforehand whether a table of some lines would hold little but nulls."""

import re

from clicksession.readers.formats.blocks import Block

__all__ = ["is_too_wide"]

# So many places a table may have, and so many for each byte that it is made of.
_PLACES, _PLACES_PER_BYTE = 2**24, 4
_LINES = 64
_KEY = re.compile(rb'"([^"\\]*)"[ \t]*:')
_BYTES_PER_KEY = 5


def _is_sparse(columns: int, rows: int, size: int) -> bool:
    """Say whether a table has far more places than it is made of bytes."""
    return columns * rows > _PLACES + _PLACES_PER_BYTE * size


def is_too_wide(block: Block, known: int = 0) -> bool:
    """Say whether a table of a block would have too many columns for its rows.

    A column costs memory for each row, also where the row lacks it: of lines with keys of their
    own, a table grows with the square of their number.

    Parameters
    ----------
    block
        The lines, of one object each.
    known
        How many columns another block of the source had.
    """
    count, size = len(block.ends), len(block.content)
    if not _is_sparse(size // _BYTES_PER_KEY, count, size):
        return False
    return _is_sparse(max(known, _expected(block)), count, size)


def _expected(block: Block) -> int:
    """Return about how many different keys the lines have, by some of them."""
    count = len(block.ends)
    some = range(0, count, max(count // _LINES, 1))
    keys: set[bytes] = set()
    seen = []
    for row in some:
        keys.update(_KEY.findall(block.line(row)))
        seen.append(len(keys))
    # As many new ones in each further line as in the later half of these.
    middle = len(seen) // 2
    growth = (seen[-1] - seen[middle]) / max(len(seen) - middle - 1, 1)
    return round(seen[-1] + growth * (count - len(seen)))
