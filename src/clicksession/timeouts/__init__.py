"""`suggest_timeout`: what timeout the pauses in a log suggest, and how sure that is."""

from clicksession.timeouts.suggest import suggest_timeout
from clicksession.timeouts.suggestion import TimeoutSuggestion, TimeoutSuggestions

__all__ = ["TimeoutSuggestion", "TimeoutSuggestions", "suggest_timeout"]
