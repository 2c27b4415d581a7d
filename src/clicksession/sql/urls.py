"""Database URLs as they may be shown."""

from sqlalchemy import URL

__all__ = ["shown_url"]


def shown_url(url: URL) -> str:
    """Return a URL without its password and without its parameters, which may hold others."""
    return url.set(query={}).render_as_string(hide_password=True)
