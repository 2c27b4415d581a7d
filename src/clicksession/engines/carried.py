"""What must be known of sessions that began in earlier rows, for their next rows to be cut."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clicksession.errors import ParameterError

__all__ = ["Carried"]

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Carried:
    """Open sessions, of which a frame holds the last events again, before all others of the user.

    Attributes
    ----------
    first, last
        The numbers of the first and the last of these rows, of each session.
    began
        When the session began, in the unit of the times.
    events
        How many events it had before the first of these rows.
    until
        Up to when own timeouts keep it open, in the unit in which gaps are compared.
    ended
        By which delimiter it was ended after its last event: its number from 1 on, or 0.
    """

    first: Integers
    last: Integers
    began: Integers
    events: Integers
    until: Integers
    ended: npt.NDArray[np.int32]

    def positions(self, rows: Integers, opens_user: npt.NDArray[np.bool_], who: str) -> "Carried":
        """Return the same with positions among the rows in order, in place of row numbers."""
        place = np.full(1 + max(rows.max(initial=-1), self.last.max(initial=-1)), -1)
        place[rows] = np.arange(len(rows))
        first, last = place[self.first], place[self.last]
        as_they_were = last - first == self.last - self.first
        if not (opens_user[first] & as_they_were).all():
            must = "in order: no event before those of the same moment that came already"
            raise ParameterError(who, "events", must, "an event_id that is earlier")
        return Carried(first, last, self.began, self.events, self.until, self.ended)
