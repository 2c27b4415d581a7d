"""The charts of the how-to pages: ``python docs/.site/charts.py``.

What `clicksession.plots` draws of the log that these pages use: dark on white, as in a notebook,
on dark pages too. Matplotlib's versions draw a little differently, so no test compares the files.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import matplotlib.pyplot as plt

import clicksession as cs
from clicksession.metrics import ConversionRate, Count, Funnel, Retention, VisitsBeforeOrder

__all__ = ["CHARTS", "main"]

FOLDER = Path(__file__).parents[1] / "pictures"
STEPS = ("page_view", "add_product_to_cart", "placed_order")
CHARTS: dict[str, Callable[[str], object]] = {
    "sessions-per-day": lambda target: Count(by="day").plot(target),
    "conversion": lambda target: ConversionRate(by="day").plot(target),
    "funnel": lambda target: Funnel(steps=STEPS).plot(target),
    "retention": lambda target: Retention(period="week", up_to=3).plot(target),
    "visits-before-order": lambda target: VisitsBeforeOrder().plot(target),
}


def main() -> None:
    """Write the files."""
    mpl.use("svg")
    # The same names of parts, and so the same files, each time.
    mpl.rcParams["svg.hashsalt"] = "clicksession"
    with TemporaryDirectory() as folder:
        target = _shop(Path(folder))
        for name, draw in CHARTS.items():
            draw(target)
            plt.savefig(FOLDER / f"{name}.svg", bbox_inches="tight", metadata={"Date": None})
            plt.close("all")


def _shop(folder: Path) -> str:
    log = cs.datasets.write_webshop(folder / "events.json", customers=500, seed=42)
    target = f"duckdb:///{folder / 'shop.duckdb'}"
    cs.run(log, target, schema=cs.EventSchema.preset("webshop"), timeout="30min", progress=False)
    return target


if __name__ == "__main__":
    main()
