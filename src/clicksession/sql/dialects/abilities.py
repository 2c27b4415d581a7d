"""What a database may be unable to do: declared by its dialect, and refused out loud."""

from enum import Enum

__all__ = ["Ability"]


class Ability(Enum):
    """Something that not every database can do, in the words of the documentation."""

    PERCENTILE = "a percentile as an aggregate"
    CREATE_VIEW = "a view made of a statement"
    CREATE_TABLE = "a table made of a statement"
    WRITE = "a target of SQLWriter and run"
    INCREMENTAL = "incremental sessions by warehouse.incremental"
