"""Users of several columns, of frames in memory."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.engines.columns import read_ids
from clicksession.windows.users import SEPARATOR

__all__ = ["joined", "users_of"]


def users_of(face: pd.DataFrame, names: Sequence[str], *, who: str) -> pa.Array:
    """Return the users that several columns say, as text; null where one of them is."""
    ids = [read_ids(face[name], who=who, parameter="user") for name in names]
    return joined([column.cast(pa.large_string()) for column in ids], SEPARATOR)


def joined(
    parts: Sequence[pa.Array | pa.ChunkedArray], separator: str
) -> pa.Array | pa.ChunkedArray:
    r"""Return the texts of several columns with a separator between them, null where one is.

    A backslash stands before each backslash of a text, and before what looks like the beginning of
    the separator: different texts never come out as one.

    Examples
    --------
    >>> one, other = pa.array(["a", "a-"]), pa.array(["-b", "b"])
    >>> print(*joined([one, other], "-").to_pylist())
    a-\-b a\--b
    """
    escaped = [_escaped(part, separator[0]) for part in parts]
    return pc.binary_join_element_wise(*escaped, pa.scalar(separator, escaped[0].type))


def _escaped(part: pa.Array | pa.ChunkedArray, first: str) -> pa.Array | pa.ChunkedArray:
    part = pc.replace_substring(part, "\\", "\\\\")
    return pc.replace_substring(part, first, f"\\{first}")
