"""From raw click events to sessions, in a database, with metrics that state their definitions.

The front door. Every public name is loaded when it is first used, so that
``import clicksession`` costs next to nothing and pulls in neither pandas nor
SQLAlchemy nor fsspec.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from clicksession import datasets as datasets
    from clicksession import errors as errors
    from clicksession import formats as formats
    from clicksession import metrics as metrics
    from clicksession import plots as plots
    from clicksession import quality as quality
    from clicksession import sql as sql
    from clicksession import warehouse as warehouse
    from clicksession.comparison import SessionComparison as SessionComparison
    from clicksession.comparison import compare_sessions as compare_sessions
    from clicksession.describing import Description as Description
    from clicksession.describing import describe as describe
    from clicksession.loading import export_events as export_events
    from clicksession.loading import export_sessions as export_sessions
    from clicksession.loading import load_events as load_events
    from clicksession.loading import load_sessions as load_sessions
    from clicksession.pipeline import RunReport as RunReport
    from clicksession.pipeline import run as run
    from clicksession.readers.events import read_events as read_events
    from clicksession.readers.events import scan_events as scan_events
    from clicksession.readers.quarantine import Quarantine as Quarantine
    from clicksession.readers.report import ReadReport as ReadReport
    from clicksession.reporting import Report as Report
    from clicksession.reporting import report as report
    from clicksession.rules import Rules as Rules
    from clicksession.schema import EventSchema as EventSchema
    from clicksession.schema import Join as Join
    from clicksession.schema import Local as Local
    from clicksession.schema import Sum as Sum
    from clicksession.sessionizer import Sessionizer as Sessionizer
    from clicksession.sessions import sessionize as sessionize
    from clicksession.sessions import summarize as summarize
    from clicksession.sql.dbt import to_dbt as to_dbt
    from clicksession.sql.text import to_sql as to_sql
    from clicksession.timeouts import TimeoutSuggestion as TimeoutSuggestion
    from clicksession.timeouts import TimeoutSuggestions as TimeoutSuggestions
    from clicksession.timeouts import suggest_timeout as suggest_timeout
    from clicksession.writers.sqlalchemy import SQLWriter as SQLWriter

_MODULES = ("datasets", "errors", "formats", "metrics", "plots", "quality", "sql", "warehouse")
_NAMES = {
    "Description": "describing",
    "EventSchema": "schema",
    "Join": "schema",
    "Local": "schema",
    "Quarantine": "readers.quarantine",
    "ReadReport": "readers.report",
    "Report": "reporting",
    "Rules": "rules",
    "RunReport": "pipeline",
    "SQLWriter": "writers.sqlalchemy",
    "SessionComparison": "comparison",
    "Sessionizer": "sessionizer",
    "Sum": "schema",
    "TimeoutSuggestion": "timeouts",
    "TimeoutSuggestions": "timeouts",
    "compare_sessions": "comparison",
    "describe": "describing",
    "export_events": "loading",
    "export_sessions": "loading",
    "load_events": "loading",
    "load_sessions": "loading",
    "read_events": "readers.events",
    "report": "reporting",
    "run": "pipeline",
    "scan_events": "readers.events",
    "sessionize": "sessions",
    "suggest_timeout": "timeouts",
    "summarize": "sessions",
    "to_dbt": "sql.dbt",
    "to_sql": "sql.text",
}

__all__ = [
    "Description",
    "EventSchema",
    "Join",
    "Local",
    "Quarantine",
    "ReadReport",
    "Report",
    "Rules",
    "RunReport",
    "SQLWriter",
    "SessionComparison",
    "Sessionizer",
    "Sum",
    "TimeoutSuggestion",
    "TimeoutSuggestions",
    "__version__",
    "compare_sessions",
    "datasets",
    "describe",
    "errors",
    "export_events",
    "export_sessions",
    "formats",
    "load_events",
    "load_sessions",
    "metrics",
    "plots",
    "quality",
    "read_events",
    "report",
    "run",
    "scan_events",
    "sessionize",
    "sql",
    "suggest_timeout",
    "summarize",
    "to_dbt",
    "to_sql",
    "warehouse",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"clicksession.{name}")
    if name in _NAMES:
        return getattr(import_module(f"clicksession.{_NAMES[name]}"), name)
    raise AttributeError(f"clicksession has no {name!r}; it has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
