"""`run`: the only place where reading, sessionizing and writing meet."""

from clicksession.pipeline.report import RunReport
from clicksession.pipeline.running import run

__all__ = ["RunReport", "run"]
