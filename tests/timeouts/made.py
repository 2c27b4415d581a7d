"""Logs with planted timeouts, and one that is dense in ties, nulls and gaps at every boundary."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from clicksession.timeouts.histograms import BINS, EDGES, GROUPS, bins_of

Floats = npt.NDArray[np.float64]

_START = 1_714_557_600_000_000
_TYPES = ("page_view", "search", "placed_order")


@dataclass(frozen=True)
class Planted:
    """Two lognormals: medians in seconds, standard deviations of logarithms, share between."""

    within: float = 60
    within_spread: float = 1.1
    between: float = 86_400
    between_spread: float = 1.3
    share: float = 0.3

    @property
    def crossing(self) -> float:
        """The seconds at which a gap is as likely within a visit as between two, by a fine grid."""
        places = np.linspace(np.log(self.within), np.log(self.between), 1_000_001)
        first = _density(places, self.within, self.within_spread) * (1 - self.share)
        second = _density(places, self.between, self.between_spread) * self.share
        return float(np.exp(places[np.argmax(first < second)]))

    def gaps(self, users: int, each: int, seed: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return the user and the seconds of each gap; users have habits of their own."""
        random = np.random.default_rng(seed)
        owners = np.repeat(np.arange(users), random.poisson(each, users) + 1)
        count = len(owners)
        shares = random.beta(self.share * 8, (1 - self.share) * 8, users)[owners]
        is_between = random.random(count) < shares
        habit = random.normal(0, 0.5, (2, users))[:, owners]
        noise = random.normal(size=count)
        # The habits and the rest add up to the spread that is planted.
        spreads = (self.within_spread, self.between_spread)
        medians = (self.within, self.between)
        first, second = (
            np.log(median) + own + noise * np.sqrt(spread**2 - 0.25)
            for median, own, spread in zip(medians, habit, spreads, strict=True)
        )
        return owners, np.exp(np.where(is_between, second, first))


def histograms(owners: npt.NDArray[np.int64], seconds: Floats) -> npt.NDArray[np.int64]:
    """Return the gaps of a second or more, counted for groups of users."""
    bins = bins_of((seconds * 1_000_000).astype(np.int64))
    seen = bins >= 0
    places = (owners[seen] % GROUPS) * BINS + bins[seen]
    return np.bincount(places, minlength=GROUPS * BINS).reshape(GROUPS, BINS)


def frame(owners: npt.NDArray[np.int64], seconds: Floats) -> pd.DataFrame:
    """Return events with these gaps, in no order; the first of each user has none."""
    first = np.unique(owners)
    users = np.concatenate([first, owners])
    gaps = np.concatenate([np.zeros(len(first)), seconds * 1_000_000]).astype(np.int64)
    order = np.argsort(users, kind="stable")
    users, gaps = users[order], gaps[order]
    so_far = np.cumsum(gaps)
    opens = np.flatnonzero(np.append(True, users[1:] != users[:-1]))
    since = so_far - np.repeat(so_far[opens], np.diff(opens, append=len(users)))
    times = (_START + since).view("datetime64[us]")
    events = pd.DataFrame({"user_id": users, "timestamp": times})
    return events.sample(frac=1, random_state=0, ignore_index=True)


def boundary_log(
    seed: int, user: Callable[[int], object], size: int = 400, orders: bool = True
) -> pd.DataFrame:
    """Return a log whose gaps lie on and beside the edges of bins and the usual timeouts."""
    random = np.random.default_rng(seed)
    steps = [*EDGES[:160:7], *(minutes * 60_000_000 for minutes in (5, 15, 20, 30, 60, 240))]
    steps = [0, 1, 2**46, *steps, *(step - 1 for step in steps), *(step + 1 for step in steps)]
    events = []
    for number in range(max(1, size // 8)):
        now = _START
        for _ in range(random.integers(1, 16)):
            now += int(random.choice(steps))
            kind = _TYPES[int(random.integers(0, 3 if orders else 2))]
            events.append((user(number), now, kind, ("web", "app", None)[now % 3]))
    rows = pd.DataFrame(events, columns=["user_id", "timestamp", "event_type", "platform"])
    rows["timestamp"] = pd.to_datetime(rows["timestamp"], unit="us", utc=True)
    rows.insert(0, "event_id", np.arange(len(rows)))
    rows["user_id"] = rows["user_id"].where(rows.index % 17 > 0)
    rows.loc[rows.index % 19 == 0, "timestamp"] = pd.NaT
    return rows.sample(frac=1, random_state=seed, ignore_index=True)


def _density(places: Floats, median: float, spread: float) -> Floats:
    return np.asarray(np.exp(-(((places - np.log(median)) / spread) ** 2) / 2) / spread)
