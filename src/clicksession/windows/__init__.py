"""Sessions as window expressions, written once: engines and databases spell the words of it."""

from clicksession.windows.plan import ADDED, added_columns, sessions, unsupported
from clicksession.windows.summary import summary
from clicksession.windows.words import Window, Words

__all__ = ["ADDED", "Window", "Words", "added_columns", "sessions", "summary", "unsupported"]
