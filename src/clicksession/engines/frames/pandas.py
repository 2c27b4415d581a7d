"""pandas: what arrays see anyway."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.arrow import is_text
from clicksession.engines.frames.base import Eager
from clicksession.engines.taking import taken

__all__ = ["Pandas", "text_array"]


class Pandas(Eager):
    """pandas.DataFrame."""

    def columns(self, frame: pd.DataFrame) -> list[str]:
        """Return the labels, as text."""
        return [str(column) for column in frame.columns]

    def labels(self, frame: pd.DataFrame) -> list[Any]:
        """Return the labels."""
        return list(frame.columns)

    def face(self, frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
        """Return the frame itself."""
        return frame

    def rows(self, frame: pd.DataFrame, numbers: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return these rows."""
        return frame.iloc[numbers]

    def with_taken(
        self, frame: pd.DataFrame, columns: dict[str, pa.Array], rows: pa.Array | None = None
    ) -> pd.DataFrame:
        """Return a new frame; text is ``str``, numbers are ``Int64``."""
        made = {name: _column(taken(values, rows)) for name, values in columns.items()}
        return frame.assign(**made)

    def without(self, frame: pd.DataFrame, name: str) -> pd.DataFrame:
        """Drop it."""
        return frame.drop(columns=name)

    def made_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return it as it is."""
        return frame


def _column(values: pa.ChunkedArray) -> pd.api.extensions.ExtensionArray:
    return text_array(values) if is_text(values.type) else pd.array(values, dtype="Int64")


def text_array(texts: pa.Array | pa.ChunkedArray) -> pd.arrays.ArrowStringArray:
    """Return Arrow text as pandas text, without a copy."""
    text = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.arrays.ArrowStringArray(texts, dtype=text)  # type: ignore[call-arg]  # stubs lag
