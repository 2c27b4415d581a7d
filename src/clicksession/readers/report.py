"""Where every row of a reading went."""

import logging
from collections import Counter
from dataclasses import dataclass, field

from clicksession.display import Card, Listing, listing_of
from clicksession.readers.base import BadRow
from clicksession.readers.quarantine import Quarantine

__all__ = ["ReadReport", "conflicts", "warn_of_conflicts"]

_log = logging.getLogger("clicksession")

# From such a share of the rows on, what is called an id tells no events apart.
_MANY = 0.01


def conflicts(count: int, event_id: object) -> str:
    """Return how many duplicates differ from the row that was kept, as a sentence."""
    return (
        f"{count:,} of the duplicates have the event_id of another user's or time's event, "
        f"such as {event_id!r}."
    )


def warn_of_conflicts(count: int, event_id: object, rows: int) -> None:
    """Tell of duplicates that differ in user or time from the row that was kept, if many do."""
    if count and count >= _MANY * rows:
        way_out = "drop_duplicates=['event_id', 'user_id', 'timestamp'] keeps them."
        _log.warning("%s %s", conflicts(count, event_id), way_out)


@dataclass
class ReadReport:
    r"""Where every row of a reading went.

    Give one to `read_events` or `scan_events`, which fill it while they read; `run` returns one in
    its own report. Given to several readings, it adds them up. At any moment ``rows_read`` is
    ``rows_out + duplicates + null_users_dropped + excluded + rows_refused``; each reading checks
    this.

    Attributes
    ----------
    rows_read
        Rows that were found in the sources, good or bad. A record that holds events, such as a
        visit, counts as many as it has; one of which no list can be read, as one.
    rows_out
        Rows that came out as events.
    duplicates
        Rows that repeat one before them, by what `drop_duplicates` says.
    conflicting
        Of the duplicates, those that have the ``event_id`` of the row that was kept, and another
        user or time: is it an id? `run` counts them in its own report.
    conflict
        The ``event_id`` of one of these.
    null_users_dropped
        Rows without a user, where `drop_null_users` asks for it.
    excluded
        Rows left out because the schema's `exclude` says so.
    refused
        How many rows were no events, by reason.
    nobody
        Events whose user is null though something stood there, by what it was: an empty text or
        white space (``""``), ``"false"``, ``"true"``, ``"NaN"``, a text of `null_values`.
    outside
        Events that are in no session because the schema's `outside` says so.
    nuls_replaced
        Texts in which a NUL (U+0000), which not every database keeps, became U+FFFD.
    ids_shortened
        Users and ids of events that were too long for an index, and became their first part and
        the SHA-256 of the whole, which is in ``user_id_text`` or ``event_id_text``.
    quarantine
        The rows that were no events, with their places and bytes; empty unless
        ``on_error="quarantine"``.
    ambiguous_times
        Rows whose time was in an hour that its zone has twice, as the clocks go back, and was
        taken for one of the two.
    shifted_times
        Rows whose time was in an hour that its zone leaves out, and was moved out of it.
    changed_types
        Columns whose values had more than one type in the source, or more digits than a number
        keeps, with the types. They come out as text, which loses nothing.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import clicksession as cs
    >>> log = pathlib.Path(tempfile.mkdtemp(), "log.json")
    >>> _ = log.write_text('{"user_id": 1, "timestamp": 1714557600}\n{oops\n')
    >>> report = cs.ReadReport()
    >>> events = cs.read_events(log, on_error="quarantine", report=report)
    >>> print(report)
    2 rows read: 1 came out, 0 duplicates, 0 without a user dropped, 1 refused (not_json: 1).
    >>> [(row.line, row.raw) for row in report.quarantine]
    [(2, b'{oops')]
    """

    rows_read: int = 0
    rows_out: int = 0
    duplicates: int = 0
    conflicting: int = 0
    conflict: object = None
    null_users_dropped: int = 0
    excluded: int = 0
    outside: int = 0
    nuls_replaced: int = 0
    ids_shortened: int = 0
    nobody: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    quarantine: Quarantine = field(default_factory=Quarantine)
    ambiguous_times: int = 0
    shifted_times: int = 0
    changed_types: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def rows_refused(self) -> int:
        """How many rows were no events."""
        return self.refused.total()

    def __str__(self) -> str:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in self.refused.most_common())
        shown = (
            f"{self.rows_read:,} rows read: {self.rows_out:,} came out, "
            f"{self.duplicates:,} duplicates, {self.null_users_dropped:,} without a user dropped, "
            f"{self.rows_refused:,} refused{f' ({reasons})' if reasons else ''}."
        )
        return "\n".join([shown, *self._notes])

    def __repr__(self) -> str:
        # A report is read, not made: what a session of Python shows is what it says.
        return str(self)

    def _repr_html_(self) -> str:
        rows = {
            "read": self.rows_read,
            "came out": self.rows_out,
            "duplicates": self.duplicates,
            "refused": self.rows_refused,
            **({"left out": self.excluded} if self.excluded else {}),
            **({"without a user": self.null_users_dropped} if self.null_users_dropped else {}),
        }
        card = Card(
            kind="Reading", figures={"Rows": rows}, notes=self._notes, listings=self.listings
        )
        return card.html

    @property
    def listings(self) -> list[Listing]:
        """What was refused: how many rows by reason, and the first that were kept."""
        shown = []
        if self.refused:
            reasons = self.refused.most_common()
            shown.append(listing_of("Refused", ("reason", "rows"), reasons, len(reasons)))
        if len(self.quarantine):
            shown.append(self.quarantine.listing)
        return shown

    @property
    def _notes(self) -> list[str]:
        """What is only said where it is so."""
        said = ", ".join(f"{what!r}: {count:,}" for what, count in self.nobody.most_common())
        told = {
            "left out, as the schema says.": self.excluded,
            "in no session, as the schema says.": self.outside,
            f"of nobody ({said}).": self.nobody.total(),
            "texts had a NUL, which became U+FFFD.": self.nuls_replaced,
            "ids were too long, and were shortened.": self.ids_shortened,
            "times were in an hour that comes twice.": self.ambiguous_times,
            "times were moved out of an hour that is left out.": self.shifted_times,
        }
        notes = [conflicts(self.conflicting, self.conflict)] if self.conflicting else []
        notes += [f"{count:,} {what}" for what, count in told.items() if count]
        return notes + [
            f"{column!r} became text: its values were {' and '.join(kinds)}."
            for column, kinds in self.changed_types.items()
        ]

    def add_conflicts(self, count: int, event_id: object) -> None:
        """Count duplicates that differ in user or time from the row that was kept."""
        self.conflict = event_id if self.conflict is None else self.conflict
        self.conflicting += count

    def check(self) -> None:
        """Fail where a row is unaccounted for."""
        gone = self.duplicates + self.null_users_dropped + self.excluded + self.rows_refused
        accounted = self.rows_out + gone
        assert self.rows_read == accounted, f"{self.rows_read} rows read, {accounted} accounted for"

    def refuse(self, row: BadRow, *, keep: bool) -> None:
        """Count a row that is no event, and keep it where that is asked for."""
        self.refused[str(row.reason)] += 1
        if keep:
            self.quarantine.add(row)
