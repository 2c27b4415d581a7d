"""What a write did."""

from dataclasses import dataclass

from clicksession.display import Card
from clicksession.readers.report import conflicts

__all__ = ["COUNTS", "RECORDED", "WriteReport"]


@dataclass(frozen=True, kw_only=True)
class WriteReport:
    """What a write did; reports of several writes add up.

    Attributes
    ----------
    rows
        Rows of the frame: always `events_added` + `duplicates` + `refused`.
    events_added
        Events that were not stored yet.
    duplicates
        Rows whose event is stored already, or came earlier in the frame.
    conflicting
        Of the duplicates, those that have the ``event_id`` of another user's or time's event.
    conflict
        The ``event_id`` of one of these.
    refused
        Rows with a value that its column cannot keep, where these are set aside.
    events_without_session
        Of the events added, those without a session: without a user or a time, or by the rules.
    events_deleted
        Stored events that were taken out, on request.
    sessions_added, sessions_changed, sessions_removed
        What became of the sessions; one that a late event joins to another is removed.
    nuls_replaced
        Texts in which a NUL (U+0000), which not every database keeps, became U+FFFD.
    ids_shortened
        Users and ids of events that were too long for an index, and became their first part and
        the SHA-256 of the whole, which is in ``user_id_text`` or ``event_id_text``.

    Examples
    --------
    >>> one = WriteReport(rows=2, events_added=2, sessions_added=1)
    >>> (one + WriteReport(rows=3, events_added=1, duplicates=2)).events_added
    3
    """

    rows: int = 0
    events_added: int = 0
    duplicates: int = 0
    refused: int = 0
    events_without_session: int = 0
    events_deleted: int = 0
    sessions_added: int = 0
    sessions_changed: int = 0
    sessions_removed: int = 0
    nuls_replaced: int = 0
    ids_shortened: int = 0
    conflicting: int = 0
    conflict: object = None

    def __post_init__(self) -> None:
        accounted = self.events_added + self.duplicates + self.refused
        assert self.rows == accounted, f"{self.rows} rows, {accounted} of them accounted for"

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.rows:,} rows: {self.events_added:,} events added "
                f"({self.events_without_session:,} of them without a session), "
                f"{self.duplicates:,} duplicates, {self.refused:,} refused.",
                f"Sessions: {self.sessions_added:,} added, {self.sessions_changed:,} changed, "
                f"{self.sessions_removed:,} removed.",
                *self._notes,
            ]
        )

    def __repr__(self) -> str:
        # A report is read, not made: what a session of Python shows is what it says.
        return str(self)

    def _repr_html_(self) -> str:
        rows = {
            "written": self.rows,
            "added": self.events_added,
            "duplicates": self.duplicates,
            "refused": self.refused,
        }
        sessions = {
            "added": self.sessions_added,
            "changed": self.sessions_changed,
            "removed": self.sessions_removed,
        }
        notes = self._notes
        if self.events_without_session:
            notes.append(f"{self.events_without_session:,} of the events added have no session.")
        return Card(kind="Write", figures={"Rows": rows, "Sessions": sessions}, notes=notes).html

    @property
    def _notes(self) -> list[str]:
        """What is only said where it is so."""
        told = {
            "stored events were taken out.": self.events_deleted,
            "texts had a NUL, which became U+FFFD.": self.nuls_replaced,
            "ids were too long, and were shortened.": self.ids_shortened,
        }
        notes = [f"{count:,} {what}" for what, count in told.items() if count]
        if self.conflicting:
            notes.append(conflicts(self.conflicting, self.conflict))
        return notes

    def __add__(self, other: "WriteReport") -> "WriteReport":
        counts = {name: getattr(self, name) + getattr(other, name) for name in COUNTS}
        conflict = other.conflict if self.conflict is None else self.conflict
        return WriteReport(**counts, conflict=conflict)


#: The names of the counts of a report.
COUNTS = tuple(name for name in WriteReport.__dataclass_fields__ if name != "conflict")

#: Those that the table of runs has a column for.
RECORDED = tuple(name for name in COUNTS if name not in ("nuls_replaced", "ids_shortened"))
