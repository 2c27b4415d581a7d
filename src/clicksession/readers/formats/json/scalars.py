"""Values of JSON that stand in no quotation marks, as columns: numbers, true and false, null."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.numerals import are_digits
from clicksession.readers.formats.decoding import is_utf8
from clicksession.readers.rows.pairs import may_lose_digits

__all__ = ["are_plain", "scalars"]

_SPACE, _BACKSLASH = b" \\"
_BEYOND_ASCII = 2**7
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


def scalars(tokens: pa.Array) -> pa.Array | None:
    """Return the values that these texts are; nothing, where they are not of one type, or none.

    Nor where a number has more digits than its type keeps.

    Examples
    --------
    >>> [scalars(pa.array(tokens)).to_pylist() for tokens in (["1", "null"], ["2", "1.5"])]
    [[1, None], [2.0, 1.5]]
    >>> scalars(pa.array(["1", "true"])), scalars(pa.array(["07"]))
    (None, None)
    """
    if not tokens.null_count and are_digits(tokens):
        # As ids are.
        return _cast(tokens, pa.int64())
    is_null = pc.equal(tokens, "null")
    if pc.any(is_null).as_py():
        tokens = pc.if_else(is_null, None, tokens)
    if tokens.null_count == len(tokens):
        return pa.nulls(len(tokens))
    if are_digits(tokens.drop_null()):
        return _cast(tokens, pa.int64())
    truths = pc.equal(tokens, "true")
    if pc.all(pc.or_(truths, pc.equal(tokens, "false"))).as_py():
        return truths
    if not pc.all(pc.match_substring_regex(tokens, _NUMBER)).as_py():
        return None
    if not pc.any(pc.match_substring_regex(tokens, "[.eE]")).as_py():
        return _cast(tokens, pa.int64())
    floats = _cast(tokens, pa.float64())
    return None if floats is None or may_lose_digits(floats) else floats


def are_plain(texts: pa.Array) -> bool:
    r"""Say whether texts in quotation marks are what stands there: UTF-8 without an escape.

    Nor with a control character, of which JSON has none there.

    Examples
    --------
    >>> [are_plain(pa.array([text])) for text in ("a", "Zoë", r"a\n", "a\n")]
    [True, True, False, False]
    """
    buffer = texts.buffers()[2] or b""
    # By numpy, which other threads need not wait for.
    codes = np.frombuffer(buffer, dtype=np.uint8)
    if codes.min(initial=_SPACE) < _SPACE or (codes == _BACKSLASH).any():
        return False
    return codes.max(initial=0) < _BEYOND_ASCII or is_utf8(bytes(buffer))


def _cast(tokens: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return tokens.cast(kind)
    except pa.ArrowInvalid:
        # Of more digits.
        return None
