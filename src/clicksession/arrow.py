"""What the parts that handle Arrow data ask of a type."""

import pyarrow as pa

__all__ = ["is_text"]


def is_text(kind: pa.DataType) -> bool:
    """Say whether an Arrow type is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
