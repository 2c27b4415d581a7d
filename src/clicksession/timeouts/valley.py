"""The valley between the gaps within visits and those between them, and the timeout in it.

The timeout is the gap that is as likely to be within a visit as between two: where the two fitted
components, each with its weight, are equally dense. So Halfaker et al., "User session
identification based on strong regularities in inter-activity time" (2015), arXiv 1411.2878, who
put it at about an hour.

Two components cross whether there is a valley or not. There is one where gaps are rarer than on
both sides of it. How frequent they are is told by the two components, corrected by how the
histogram differs from them, smoothed: after Hjort and Glad, "Nonparametric density estimation with
a parametric start" (1995).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clicksession.timeouts.histograms import BINS, MIDDLES, WIDTH
from clicksession.timeouts.mixture import Mixture

__all__ = ["LONGEST", "SHORTEST", "Valleys", "valleys"]

Floats = npt.NDArray[np.float64]

#: Between which seconds a timeout is looked for: those that products let one choose (PostHog from
#: 60 seconds to ten hours, Google Analytics up to almost eight), and somewhat beyond.
SHORTEST, LONGEST = 60, 12 * 3600

# In doublings: how far the histogram is smoothed.
_BANDWIDTH = 0.45
# So that nothing is divided by nothing.
_ALMOST_NOTHING = 1e-12
# Each halves the stretch that a crossing lies in.
_HALVINGS = 40

_KERNEL = np.exp(-0.5 * ((MIDDLES[:, None] - MIDDLES) / _BANDWIDTH) ** 2)
_KERNEL /= _KERNEL.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Valleys:
    """The valley of each of several histograms.

    Attributes
    ----------
    seconds
        Where the components cross between their medians; not a number where they do not, or not
        between `SHORTEST` and `LONGEST`.
    heights
        How frequent gaps are there, as a share of the lower of the two hills beside: 1 for no
        valley.
    """

    seconds: Floats
    heights: Floats


def valleys(histograms: Floats, mixture: Mixture) -> Valleys:
    """Return the valley of each histogram, whose two components these are."""
    crossings = _crossings(mixture)
    inside = (crossings >= np.log2(SHORTEST)) & (crossings <= np.log2(LONGEST))
    places = np.where(inside, crossings / WIDTH, 0).astype(np.int64).clip(0, BINS - 1)
    heights = _heights(_corrected(histograms, mixture))
    there = np.take_along_axis(heights, places[:, None], axis=1)[:, 0]
    seconds = np.exp2(np.where(inside, crossings, np.nan))
    return Valleys(seconds, np.where(inside, there, 1.0))


def _crossings(mixture: Mixture) -> Floats:
    """Return where the first component stops to be the denser one, between the two centres."""
    low, high = mixture.centres.T.copy()
    crosses = (_leads(mixture, low) > 0) & (_leads(mixture, high) < 0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        leads = _leads(mixture, middle) > 0
        low, high = np.where(leads, middle, low), np.where(leads, high, middle)
    return np.where(crosses, low, np.nan)


def _leads(mixture: Mixture, places: Floats) -> Floats:
    """Return the logarithm of how many times denser the first component is than the second."""
    away = (places[:, None] - mixture.centres) / mixture.spreads
    first, second = (np.log(mixture.weights / mixture.spreads) - away**2 / 2).T
    return np.asarray(first - second)


def _corrected(histograms: Floats, mixture: Mixture) -> Floats:
    """Return how many gaps each bin is expected to have."""
    expected = mixture.shares().sum(axis=1) * histograms.sum(axis=1, keepdims=True)
    expected += _ALMOST_NOTHING
    # Both are smoothed, lest the smoothing itself, which fills valleys, be taken for a difference.
    return np.asarray(expected * _smoothed(histograms) / _smoothed(expected))


def _smoothed(histograms: Floats) -> Floats:
    return np.asarray(np.einsum("rb,cb->rc", histograms, _KERNEL))


def _heights(densities: Floats) -> Floats:
    """Return each density as a share of the lower one of the highest before and behind it."""
    before = np.maximum.accumulate(densities, axis=1)
    behind = np.maximum.accumulate(densities[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(densities / np.minimum(before, behind))
