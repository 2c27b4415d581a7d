"""`report`: a target as one page to look at."""

from clicksession.reporting.page import Report, report

__all__ = ["Report", "report"]
