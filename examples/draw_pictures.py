"""Every picture of the library, on a made-up webshop: those that the documentation shows.

Run it with ``python examples/draw_pictures.py``; it writes PNG files to the folder
``docs/pictures/drawn``, or to one that is named behind it.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from PIL import Image

import clicksession as cs
from clicksession import plots
from clicksession.metrics import (
    CommonPaths,
    ConversionRate,
    Count,
    Funnel,
    MinutesBeforeOrder,
    Retention,
)

STEPS = ("page_view", "add_product_to_cart", "placed_order")

#: What each picture is called, and how it is drawn of sessionized events.
PICTURES: dict[str, Callable[[pd.DataFrame], Axes]] = {
    "gaps": lambda visits: plots.gaps(cs.suggest_timeout(visits)),
    "sensitivity": lambda visits: plots.sensitivity(cs.suggest_timeout(visits)),
    "timeline": lambda visits: plots.timeline(visits, 226, zone="Europe/Amsterdam"),
    "visits": plots.before_order,
    "minutes": lambda visits: plots.before_order(visits, MinutesBeforeOrder()),
    "funnel": lambda visits: Funnel(steps=STEPS).plot(visits),
    "retention": lambda visits: Retention().plot(visits),
    "hours": lambda visits: plots.hours(visits, zone="Europe/Amsterdam"),
    "paths": lambda visits: CommonPaths(length=4, repeats="drop").plot(visits),
    "bars": lambda visits: Count(of="events", by="event_type").plot(visits),
    "line": lambda visits: ConversionRate(by="day").plot(visits),
}


def draw(folder: Path) -> None:
    """Draw all of them into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    visits = webshop()
    for name, picture in PICTURES.items():
        with mpl.rc_context():
            mpl.rcdefaults()
            save(picture(visits), folder / f"{name}.png")


def webshop() -> pd.DataFrame:
    """Return the sessionized events of the webshop that the documentation has."""
    with tempfile.TemporaryDirectory() as folder:
        log = cs.datasets.write_webshop(Path(folder) / "events.json", customers=500, seed=42)
        events = cs.read_events(log, schema=cs.EventSchema.preset("webshop"))
    rules = cs.Rules("30min", midnight="Europe/Amsterdam")
    return cs.sessionize(events.drop_duplicates("event_id"), rules=rules)


def save(ax: Axes, path: Path) -> None:
    """Write a picture in 64 colours, which are enough, and keep the file small."""
    figure: Any = ax.get_figure(root=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    pyplot.close(figure)
    with Image.open(path) as image:
        image.convert("RGB").quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    mpl.use("agg")
    draw(
        Path(*sys.argv[1:2]) if sys.argv[1:] else Path(__file__).parents[1] / "docs/pictures/drawn"
    )
