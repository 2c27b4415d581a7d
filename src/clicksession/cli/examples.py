"""How each metric may be called, where it must be told something."""

from dataclasses import MISSING, fields

from clicksession.cli.metrics import shell_name
from clicksession.metrics import Metric

__all__ = ["example_of"]

# What the made-up log of `clicksession demo` has, for parameters without a default.
_TOLD = {
    "page": "--page event_page",
    "source": "--source event_user_agent",
    "steps": "--steps page_view --steps add_product_to_cart --steps placed_order",
}


def example_of(kind: type[Metric]) -> str:
    """Return a metric's name with the options that it needs."""
    needed = [_TOLD[each.name] for each in fields(kind) if each.default is MISSING]
    return " ".join([shell_name(kind.__name__), *needed])
