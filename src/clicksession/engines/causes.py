"""Which events begin a session, and why."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Causes"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Causes:
    """For each event in order, the cause for which a session begins there, if one does.

    Rules are added in the order of `clicksession.rules.reasons`: where one has begun a session
    already, a later one changes nothing.
    """

    def __init__(self, events: int) -> None:
        self._codes = np.zeros(events, dtype=np.int32)
        self._texts = [""]
        #: Up to when events keep their sessions open, where they have their own timeouts.
        self.until: Integers | None = None

    @property
    def begins(self) -> Bools:
        """Whether a session begins, of each event."""
        return self._codes > 0

    def add(self, begins: Bools, reason: str) -> None:
        """Let sessions begin at these events, for one reason."""
        self._codes[begins & (self._codes == 0)] = len(self._texts)
        self._texts.append(reason)

    def add_each(self, labels: npt.NDArray[np.int32], reasons: tuple[str, ...]) -> None:
        """Let sessions begin where there is a label: 1 for the first reason, 2 for the next."""
        begins = (labels > 0) & (self._codes == 0)
        self._codes[begins] = labels[begins] + (len(self._texts) - 1)
        self._texts.extend(reasons)

    def reasons(self, positions: Integers) -> pa.Array:
        """Return the reason of each of these events, at which sessions begin."""
        return pa.array(self._texts, pa.large_string()).take(pa.array(self._codes[positions]))
