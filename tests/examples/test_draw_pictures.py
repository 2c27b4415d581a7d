"""The example that draws the pictures of the documentation."""

import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot
from PIL import Image

import draw_pictures

ROOT = Path(__file__).parents[2]


def test_the_page_shows_each_picture_and_no_other() -> None:
    page = (ROOT / "docs/how-to/draw.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(\.\./pictures/drawn/(\w+)\.png\)", page)
    assert sorted(shown) == sorted(draw_pictures.PICTURES)
    assert set(shown) == {path.stem for path in (ROOT / "docs/pictures/drawn").glob("*.png")}


def test_a_picture_is_written_and_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = pd.DataFrame({"user_id": [7], "timestamp": pd.to_datetime(["2024-05-01 10:00"])})
    pictures = {"hours": draw_pictures.PICTURES["hours"]}
    monkeypatch.setattr(draw_pictures, "PICTURES", pictures)
    monkeypatch.setattr(draw_pictures, "webshop", lambda: events)
    before = pyplot.get_fignums()
    draw_pictures.draw(tmp_path)
    assert pyplot.get_fignums() == before
    with Image.open(tmp_path / "hours.png") as image:
        assert image.width == 770
