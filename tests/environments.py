"""Environments of packages that have pins of their own, where somebody has made them."""

import os
from pathlib import Path

import pytest

__all__ = ["environment_of"]


def environment_of(package: str) -> Path:
    """Return the folder of the commands of an environment that has a package, or skip."""
    folder = os.environ.get("CLICKSESSION_ENVIRONMENTS")
    if folder is None:
        pytest.skip(
            f"no environment with {package}: .ci/environments FOLDER makes it, and "
            "CLICKSESSION_ENVIRONMENTS=FOLDER tells of it"
        )
    return Path(folder) / package / "bin"
