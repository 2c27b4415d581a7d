"""Which gaps are too long, in whole numbers of the data's own resolution."""

from dataclasses import dataclass

from clicksession.rules import Rules
from clicksession.windows.words import Column, Words

__all__ = ["MICROSECOND", "Gaps"]

#: The nanoseconds of a microsecond, which is the resolution of most engines.
MICROSECOND = 1000

_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Gaps:
    """How times are compared.

    Attributes
    ----------
    words, rules
        What the engine says things with, and what ends a session.
    resolution
        The nanoseconds of one count of the data.
    """

    words: Words
    rules: Rules
    resolution: int

    @property
    def unit(self) -> int:
        """The nanoseconds of one count of what is compared."""
        # Own timeouts can be finer than the times.
        return min(self.resolution, MICROSECOND) if self.rules.timeout_column else self.resolution

    @property
    def of(self) -> str:
        """The column that has the times to compare, before they are rounded."""
        return "microsecond" if self.unit != self.resolution else "instant"

    @property
    def rounds_times(self) -> bool:
        """Whether times are rounded before they are compared."""
        return self.rules.rounded == "times" and self._step > 1

    @property
    def _step(self) -> int:
        return self.rules.resolution_in_nanoseconds // self.unit

    def rounded(self, instant: Column) -> Column:
        """Return an instant at the resolution at which the rules compare."""
        words, value, step = self.words, self.words.value, self._step
        rest = words.above_multiple(instant, step)
        down = instant - rest
        if self.rules.rounding == "down":
            return down
        odd = words.above_multiple(down, 2 * step) != value(0)
        # A half goes to the even neighbour.
        up = (rest + rest > value(step)) | ((rest + rest == value(step)) & odd)
        return words.case([(up, down + value(step))], down)

    def is_too_long(self, before: Column, now: Column) -> Column:
        """Say whether a gap is longer than the timeout."""
        longest = self.words.value(min(self.rules.longest_gap(self.unit), _LARGEST))
        if self.unit != 1:
            return now - before > longest
        # Nanoseconds six centuries apart do not fit 64 bits; with a sign on its side, each does.
        flag = self.words.flag
        negative = [(now < self.words.value(0), flag(now - before > longest))]
        return self.words.case(negative, flag(before < now - longest)) == self.words.value(1)

    def open_for(self, own: Column) -> Column:
        """Return how long after each event a next one may come: `Rules.longest_gap` of its own."""
        words, value = self.words, self.words.value
        longest = own if self.rules.at_timeout == "same" else own - value(1)
        if self.rules.rounded == "gap" and self._step > 1:
            longest = self._longest_rounded(longest)
        others = value(min(self.rules.longest_gap(self.unit), _LARGEST // 2))
        return words.case([(words.is_null(own), others)], longest)

    def open_until(self, now: Column, open_for: Column) -> Column:
        """Return until when each event keeps its session open; to the end of time at most."""
        end = self.words.value(_LARGEST)
        return self.words.case([(now > end - open_for, end)], now + open_for)

    def _longest_rounded(self, longest: Column) -> Column:
        """Return the longest gap that rounds to one within this."""
        words, step = self.words, self._step
        steps = longest - words.above_multiple(longest, step)
        if self.rules.rounding == "down":
            return steps + words.value(step - 1)
        odd = words.flag(words.above_multiple(steps, 2 * step) != words.value(0))
        return steps + words.value(step // 2) - odd
