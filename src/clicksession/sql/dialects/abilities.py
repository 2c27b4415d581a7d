"""What a database may be unable to do: declared by its dialect, and refused out loud."""

from enum import Enum

__all__ = ["Ability"]


class Ability(Enum):
    """Something that not every database can do, in the words of the documentation."""

    PERCENTILE = "percentile as an aggregate"
    ZONES = "days, weeks and months in a zone other than UTC"
    CREATE_VIEW = "create a view of a statement"
    CREATE_TABLE = "create a table of a statement"
    WRITE = "be written to by SQLWriter and run"
