"""How sure a valley is: the bootstrap over users.

The gaps of one user are alike, so that ten thousand gaps of a hundred users say less than ten
thousand of as many users. What is drawn anew, with replacement, is therefore users and not gaps:
Davison and Hinkley, "Bootstrap methods and their application" (1997), section 3.8. Users are drawn
by groups of them, made as if at random: the spread of a sum between such groups is that between
users, and what a database has to tell is one histogram of each group.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clicksession.timeouts.mixture import Mixture, fitted
from clicksession.timeouts.valley import Valleys, valleys

__all__ = ["Fit", "fit_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """What was found in the histograms of a log, and in those of users drawn anew of it."""

    mixture: Mixture
    valley: Valleys
    drawn: Valleys

    def interval(self, level: float) -> tuple[float, float]:
        """Return between which seconds this share of the drawn valleys is."""
        tail = (1 - level) / 2
        low, high = np.nanquantile(self.drawn.seconds, (tail, 1 - tail))
        return float(low), float(high)

    def share_below(self, height: float) -> float:
        """Return the share of drawn valleys that are lower than this."""
        return float((self.drawn.heights < height).mean())


def fit_of(histograms: npt.NDArray[np.int64], resamples: int, seed: int) -> Fit:
    """Return what the histograms of groups of users say together.

    Parameters
    ----------
    histograms
        A row for each group.
    resamples
        How often users are drawn anew.
    seed
        Of the drawing: the same gives the same.
    """
    whole = histograms.sum(axis=0, keepdims=True).astype(np.float64)
    mixture = fitted(whole)
    groups = len(histograms)
    draws = np.random.default_rng(seed).multinomial(groups, [1 / groups] * groups, resamples)
    # Of floats: exact up to 2 to the 53rd.
    drawn = np.einsum("rg,gb->rb", draws.astype(np.float64), histograms.astype(np.float64))
    drawn = drawn[drawn.sum(axis=1) > 0]
    again = fitted(drawn, start=mixture)
    return Fit(mixture, valleys(whole, mixture), valleys(drawn, again))
