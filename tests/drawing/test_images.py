"""What pictures look like: their shapes as stored images have them, their texts as a file has."""

import shutil
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from tests.drawing.cases import PICTURES, drawn

IMAGES = Path(__file__).parent / "images"
# The root of the mean square of the differences, of 255. Letters are left out of the images: each
# FreeType draws them otherwise, by more than a line that is missing. So there is little to allow.
TOLERANCE = 0.5


def stored(path: Path, figure: Figure) -> None:
    """Store a picture without its letters, and without the key that is as large as they are."""
    for text in figure.findobj(Text):
        text.set_alpha(0)
    for ax in figure.axes:
        if ax.get_legend():
            ax.get_legend().set_visible(False)
    figure.savefig(path, metadata={"Software": None})


def texts_of(figure: Figure) -> list[str]:
    """Return every text that is to be seen."""
    figure.draw_without_rendering()
    return [
        text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()
    ]


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_as_they_were(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    image, texts, again = IMAGES / f"{name}.png", IMAGES / f"{name}.txt", tmp_path / "again.png"
    figure = drawn(name)
    said = "".join(f"{text!r}\n" for text in texts_of(figure))
    stored(again, figure)
    if request.config.getoption("--write-golden"):
        texts.write_text(said, encoding="utf-8")
        shutil.copy(again, image)
    assert said == texts.read_text(encoding="utf-8")
    assert compare_images(str(image), str(again), TOLERANCE) is None


def test_stored_images_are_those_of_the_pictures_and_small() -> None:
    assert {path.stem for path in IMAGES.glob("*.png")} == set(PICTURES)
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < 400_000


def test_a_missing_line_is_seen(tmp_path: Path) -> None:
    figure = drawn("distribution")
    figure.axes[0].lines[0].remove()
    stored(tmp_path / "changed.png", figure)
    image, changed = IMAGES / "distribution.png", tmp_path / "changed.png"
    assert "RMS Value" in str(compare_images(str(image), str(changed), TOLERANCE))
