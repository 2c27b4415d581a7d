"""Run the Python of a page with nothing but the package installed: ``python run_page.py PAGE``."""

import sys
from pathlib import Path

from blocks import blocks


def main(page: Path) -> None:
    """Run every block of a page that runs, one after another, in one namespace."""
    found = [block for block in blocks(page) if block.runs]
    if not found:
        raise SystemExit(f"{page}: no Python to run")
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in found:
        exec(compile(block.code, f"{page}:{block.line}", "exec"), namespace)
    print(f"{page}: {len(found)} passed, 0 failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
