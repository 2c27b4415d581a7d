"""How long a writer waits for a target that somebody else has, and what it says meanwhile."""

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta

from clicksession.durations import as_duration, in_words
from clicksession.errors import ParameterError, TargetBusyError

__all__ = ["OnBusy", "Waiting", "as_patience"]

OnBusy = str | timedelta
"""``"wait"``, ``"fail"``, or how long to wait."""

_PAUSE_SECONDS = 0.05
_SILENT_SECONDS = 1.0

_log = logging.getLogger("clicksession")


def as_patience(on_busy: OnBusy, *, who: str) -> timedelta | None:
    """Return how long to wait: None stands for as long as it takes.

    Raises
    ------
    ParameterError
        It is neither ``"wait"`` nor ``"fail"`` nor a duration.
    """
    if on_busy == "wait":
        return None
    if on_busy == "fail":
        return timedelta(0)
    try:
        return as_duration(on_busy, who=who, parameter="on_busy")
    except ParameterError:
        must = "'wait', 'fail', or how long to wait, such as '5min'"
        raise ParameterError(who, "on_busy", must, on_busy) from None


@dataclass
class Waiting:
    """The wait for one transaction's turn.

    Attributes
    ----------
    target
        What is waited for, in messages.
    patience
        How long; None: as long as it takes.
    """

    target: str
    patience: timedelta | None
    _began: float = field(default_factory=time.monotonic)
    _has_spoken: bool = False

    @property
    def in_line(self) -> bool:
        """Whether it is time to stand in the database's own queue, which is fair and silent."""
        return self._has_spoken and self.patience is None

    def pause(self, holder: str) -> None:
        """Wait a little; after a while, say for whom.

        Raises
        ------
        TargetBusyError
            There is no patience left.
        """
        waited = time.monotonic() - self._began
        if self.patience is not None and waited >= self.patience.total_seconds():
            after = f", also after {in_words(self.patience)}" if self.patience else ""
            raise TargetBusyError(
                self.target,
                f"{holder}{after}",
                "Try again when that has ended, or wait for it with on_busy='wait' or a duration.",
            )
        if waited >= _SILENT_SECONDS and not self._has_spoken:
            self._has_spoken = True
            limit = "" if self.patience is None else f", for {in_words(self.patience)} at the most"
            _log.warning("Waiting for table %r: %s%s.", self.target, holder, limit)
        time.sleep(_PAUSE_SECONDS)
