"""Where a byte stands in some content."""

import numpy as np
import numpy.typing as npt

__all__ = ["Places", "places"]

Places = npt.NDArray[np.int64]

# What fits into the cache of a core.
_PIECE_BYTES = 2**18


def places(content: bytes, code: int) -> Places:
    """Return where a byte stands.

    Examples
    --------
    >>> places(b"one,two,three", ord(",")).tolist()
    [3, 7]
    """
    codes = np.frombuffer(content, dtype=np.uint8)
    # One room for all pieces: memory that is new costs as much as the search.
    room = np.empty(min(len(codes), _PIECE_BYTES), dtype=np.bool_)
    found = [np.empty(0, dtype=np.int64)]
    for start in range(0, len(codes), _PIECE_BYTES):
        piece = codes[start : start + _PIECE_BYTES]
        within = np.flatnonzero(np.equal(piece, code, out=room[: len(piece)]))
        within += start
        found.append(within)
    return np.concatenate(found)
