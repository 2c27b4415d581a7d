"""What is asked of a writing, checked before a target is opened."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, get_args

from clicksession.durations import as_duration
from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.rules import Rules, as_rules
from clicksession.schema import SOURCE_SESSION
from clicksession.sql.tables import Tables

__all__ = ["OnBusy", "OnMisfit", "Options", "checked"]

OnMisfit = Literal["widen", "quarantine", "raise"]
OnBusy = str | timedelta
"""``"wait"``, ``"fail"``, or how long to wait."""


@dataclass(frozen=True)
class Options:
    """The arguments of a writing, as `clicksession.SQLWriter` explains them.

    Attributes
    ----------
    patience
        How long to wait for a target that somebody else has; None: as long as it takes.
    """

    rules: Rules
    tables: Tables
    patience: timedelta | None
    on_misfit: OnMisfit
    log_changes: bool


def checked(
    *,
    timeout: str | timedelta,
    rules: Rules | None,
    tables: Tables | None,
    on_busy: OnBusy,
    on_misfit: OnMisfit,
    log_changes: bool,
) -> Options:
    """Return the arguments as options; refuse what cannot be meant.

    Raises
    ------
    ParameterError
        An argument cannot be used.
    UnsupportedRuleError
        Rules with a timeout per row: tables keep no durations.
    """
    if on_misfit not in get_args(OnMisfit):
        must = "'widen', 'quarantine' or 'raise'"
        raise ParameterError("SQLWriter", "on_misfit", must, on_misfit)
    rules = as_rules(timeout, rules, who="SQLWriter")
    if rules.timeout_column:
        way_out = "Tables keep no durations: keep what sessionize() gives in tables of your own."
        raise UnsupportedRuleError("timeout_column", "SQLWriter", way_out)
    if rules.session_column == "session_id":
        # The tables have ids of their own under this name.
        rules = replace(rules, session_column=SOURCE_SESSION)
    return Options(
        rules=rules,
        tables=Tables.given(tables, who="SQLWriter"),
        patience=_patience(on_busy),
        on_misfit=on_misfit,
        log_changes=log_changes,
    )


def _patience(on_busy: OnBusy) -> timedelta | None:
    """Return how long to wait: None stands for as long as it takes."""
    if on_busy == "wait":
        return None
    if on_busy == "fail":
        return timedelta(0)
    try:
        return as_duration(on_busy, who="SQLWriter", parameter="on_busy")
    except ParameterError:
        must = "'wait', 'fail', or how long to wait, such as '5min'"
        raise ParameterError("SQLWriter", "on_busy", must, on_busy) from None
