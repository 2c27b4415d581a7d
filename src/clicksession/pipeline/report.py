"""What a run did."""

from dataclasses import dataclass, field

from clicksession.display import Card
from clicksession.readers.report import ReadReport, conflicts

__all__ = ["RunReport"]


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """Where every row of a run went.

    ``rows_read = events_added + duplicates + refused + excluded``.

    Attributes
    ----------
    files_read, files_skipped
        Files that were read, and those that the target holds already.
    rows_read
        Rows found in the files that were read; with a window, the events within it and the rows
        that are no events.
    events_added
        Events that the target did not hold yet.
    duplicates
        Rows whose event the target held already, or that came earlier in the source.
    conflicting
        Of the duplicates, those that have the ``event_id`` of another user's or time's event; the
        first of them that came is stored.
    conflict
        The ``event_id`` of one of these.
    refused
        Rows that are no events, or have a value that its column cannot keep.
    excluded
        Rows left out because the schema's `exclude` says so.
    events_without_session
        Of the events added, those without a session: without a user or a time, or by the rules.
    events_deleted
        Stored events of the window that were taken out first.
    sessions_added, sessions_changed, sessions_removed
        What became of the sessions of the target.
    seconds
        How long it took.
    reading
        The account of the reading: what was refused by reason, and the quarantine.

    Examples
    --------
    >>> import clicksession as cs
    >>> from sqlalchemy import create_engine
    >>> events = cs.datasets.webshop_events(customers=5, seed=1)
    >>> engine = create_engine("duckdb:///:memory:")
    >>> report = cs.run(list(events), engine, schema=cs.EventSchema.preset("webshop"))
    >>> report.rows_read == report.events_added + report.duplicates, report.refused
    (True, 0)
    """

    files_read: int
    files_skipped: int
    rows_read: int
    events_added: int
    duplicates: int
    refused: int
    events_without_session: int
    events_deleted: int
    sessions_added: int
    sessions_changed: int
    sessions_removed: int
    seconds: float
    excluded: int = 0
    conflicting: int = 0
    conflict: object = None
    reading: ReadReport = field(default_factory=ReadReport, repr=False, compare=False)

    def __post_init__(self) -> None:
        accounted = self.events_added + self.duplicates + self.refused + self.excluded
        assert self.rows_read == accounted, f"{self.rows_read} rows read, {accounted} accounted for"

    def __repr__(self) -> str:
        # A report is read, not made: what a session of Python shows is what it says.
        return str(self)

    def _repr_html_(self) -> str:
        files = f"{self.files_read:,} read"
        files += f", {self.files_skipped:,} held already" if self.files_skipped else ""
        rows = {
            "read": self.rows_read,
            "added": self.events_added,
            "duplicates": self.duplicates,
            "refused": self.refused,
            **({"left out": self.excluded} if self.excluded else {}),
        }
        sessions = {
            "added": self.sessions_added,
            "changed": self.sessions_changed,
            "removed": self.sessions_removed,
        }
        return Card(
            kind="Run",
            sentences=[f"{self.rows_read:,} rows in {self.seconds:,.1f} s; files: {files}."],
            figures={"Rows": rows, "Sessions": sessions},
            notes=self._notes,
            listings=self.reading.listings,
        ).html

    @property
    def _notes(self) -> list[str]:
        """What one should know beside the numbers."""
        told = {
            "of the events added have no session.": self.events_without_session,
            "stored events of the window were taken out first.": self.events_deleted,
        }
        notes = [f"{count:,} {what}" for what, count in told.items() if count]
        if self.conflicting:
            notes.append(conflicts(self.conflicting, self.conflict))
        return notes

    def __str__(self) -> str:
        told = conflicts(self.conflicting, self.conflict) if self.conflicting else ""
        return (
            f"{self.rows_read:,} rows read in {self.seconds:.1f} s (files read: "
            f"{self.files_read:,}; held already: {self.files_skipped:,}): "
            f"{self.events_added:,} events added "
            f"({self.events_without_session:,} of them without a session), "
            f"{self.duplicates:,} duplicates, {self.refused:,} refused"
            f"{f', {self.excluded:,} left out' if self.excluded else ''}.\n"
            f"Sessions: {self.sessions_added:,} added, {self.sessions_changed:,} changed, "
            f"{self.sessions_removed:,} removed."
            f"{told and chr(10) + told}"
        )
