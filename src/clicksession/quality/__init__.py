"""What to ask of events before they are cut into sessions: whose they are, and who is no person."""

from clicksession.quality.bots import flag_bots
from clicksession.quality.content import content_ids
from clicksession.quality.identity import Identified, resolve_identity
from clicksession.quality.ties import with_event_ids

__all__ = ["Identified", "content_ids", "flag_bots", "resolve_identity", "with_event_ids"]
