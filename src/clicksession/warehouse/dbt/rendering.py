"""The files of a project: templates in which dbt's own braces stand as they are."""

import json
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["render"]


def render(template: str, **values: Any) -> str:
    """Return a template of this package with its places, ``[[ … ]]``, filled in."""
    return _templates().get_template(template).render(values)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("clicksession.warehouse.dbt"),
        autoescape=False,  # noqa: S701  # what is written is SQL, YAML and Markdown
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # YAML contains JSON: a text in quotes is the same in both.
    templates.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    return templates
