"""Make HTML of what a page shows: templates that escape every text."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["render"]


def render(template: str, **values: Any) -> str:
    """Return a template of this package with its places filled in."""
    return _templates().get_template(template).render(values)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("clicksession.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = templates.get_template("style.css").render()
    # Our own, without anything of a log in it; the page says which style it takes by its hash.
    templates.globals["style"] = Markup(style)  # noqa: S704
    templates.globals["style_hash"] = b64encode(sha256(style.encode()).digest()).decode()
    return templates
