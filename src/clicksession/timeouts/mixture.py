"""Lognormal components, fitted to histograms of gaps by expectation-maximisation.

A lognormal of seconds is a normal of their logarithm. The steps are those of Dempster, Laird and
Rubin, "Maximum likelihood from incomplete data via the EM algorithm" (1977), over bins in place of
gaps: each bin counts as often as it has gaps, so that ten million take no longer than a thousand.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clicksession.timeouts.histograms import MIDDLES, WIDTH

__all__ = ["Mixture", "fitted"]

Floats = npt.NDArray[np.float64]

_COMPONENTS = 2
_STEPS = 200
_CLOSE_ENOUGH = 1e-4
# In doublings: no component is narrower than two bins, and they start as wide as this.
_NARROWEST, _STARTING = 2 * WIDTH, 2.0
_ALMOST_NOTHING = 1e-300


@dataclass(frozen=True)
class Mixture:
    """Components of one or several histograms: a row for each of these, ascending by centre.

    Attributes
    ----------
    weights
        The share of each component.
    centres
        The logarithm, to base 2, of its median in seconds.
    spreads
        Its standard deviation, in doublings.
    """

    weights: Floats
    centres: Floats
    spreads: Floats

    def shares(self) -> Floats:
        """Return which share of its gaps each component has in each bin."""
        return WIDTH * _densities(self.weights, self.centres, self.spreads)


def fitted(histograms: Floats, start: Mixture | None = None) -> Mixture:
    """Return the two components of each histogram.

    Parameters
    ----------
    histograms
        A row for each, with at least one gap.
    start
        The fit of one histogram, to start from; left out: from quantiles.
    """
    shares = histograms / histograms.sum(axis=1, keepdims=True)
    weights, centres, spreads = _start(shares, start)
    for _ in range(_STEPS):
        parts = _densities(weights, centres, spreads)
        parts *= (shares / np.maximum(parts.sum(axis=1), _ALMOST_NOTHING))[:, None, :]
        weights = np.maximum(parts.sum(axis=2), _ALMOST_NOTHING)
        before, centres = centres, _summed(parts, MIDDLES) / weights
        squares = _summed(parts, MIDDLES**2) / weights - centres**2
        spreads = np.sqrt(np.maximum(squares, _NARROWEST**2))
        if np.abs(centres - before).max() < _CLOSE_ENOUGH:
            break
    return _ascending(weights, centres, spreads)


def _start(shares: Floats, start: Mixture | None) -> tuple[Floats, Floats, Floats]:
    rows = len(shares)
    if start is not None:
        repeated = (start.weights, start.centres, start.spreads)
        weights, centres, spreads = (np.repeat(each, rows, axis=0) for each in repeated)
        return weights, centres, spreads
    quantiles = (np.arange(_COMPONENTS) + 0.5) / _COMPONENTS
    centres = np.array([np.interp(quantiles, row.cumsum(), MIDDLES) for row in shares])
    shape = (rows, _COMPONENTS)
    return np.full(shape, 1 / _COMPONENTS), centres, np.full(shape, _STARTING)


def _densities(weights: Floats, centres: Floats, spreads: Floats) -> Floats:
    """Return the density of each component of each row in each bin."""
    away = (MIDDLES - centres[:, :, None]) / spreads[:, :, None]
    heights = weights / (spreads * np.sqrt(2 * np.pi))
    return np.asarray(heights[:, :, None] * np.exp(-0.5 * away**2))


def _summed(parts: Floats, values: Floats) -> Floats:
    """Return the sum of what each bin has, times its value."""
    # Not as a product of matrices: for ones as small as these, its threads wait for each other.
    return np.asarray(np.einsum("rcb,b->rc", parts, values))


def _ascending(weights: Floats, centres: Floats, spreads: Floats) -> Mixture:
    order = np.argsort(centres, axis=1)
    return Mixture(*(np.take_along_axis(each, order, 1) for each in (weights, centres, spreads)))
