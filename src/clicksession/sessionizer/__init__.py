"""`Sessionizer`: a log in batches, as if it were one frame."""

from clicksession.sessionizer.batches import Sessionizer

__all__ = ["Sessionizer"]
