"""What ends a session: a value that can be compared, printed and passed around."""

from clicksession.rules.model import Rules, as_rules

__all__ = ["Rules", "as_rules"]
