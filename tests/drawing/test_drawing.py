"""What all pictures have in common: axes, texts that stand as they are, and nothing left behind."""

import subprocess
import sys
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.figure import Figure

import clicksession as cs
from clicksession import drawing
from clicksession.drawing.durations import scale
from clicksession.errors import MissingExtraError, ParameterError
from tests.drawing import cases


def ax_of(name: str) -> Any:
    return cases.drawn(name).axes[0]


def new_ax() -> Any:
    return Figure(figsize=(6, 4)).subplots()


@pytest.mark.parametrize("name", cases.PICTURES)
def test_pictures_return_the_axes_they_are_given_and_set_nothing(name: str) -> None:
    ax = new_ax()
    before = dict(mpl.rcParams)
    assert cases.PICTURES[name](ax) is ax
    assert dict(mpl.rcParams) == before


def test_an_import_loads_no_matplotlib_and_sets_nothing() -> None:
    code = (
        "import sys; import clicksession as cs; cs.plots.gaps; cs.metrics.Funnel;"
        "assert not any(name.startswith('matplotlib') for name in sys.modules);"
        "import matplotlib, matplotlib.pyplot; before = dict(matplotlib.rcParams);"
        "cs.plots.distribution([1, 2]); assert dict(matplotlib.rcParams) == before"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    with pytest.raises(MissingExtraError, match=r'pip install "clicksession\[plots\]"'):
        drawing.distribution([1, 2])


def test_something_else_than_axes_is_refused() -> None:
    with pytest.raises(ParameterError, match="bars: `ax` must be one Axes of matplotlib"):
        drawing.bars(cases.groups(), ax=new_ax().figure)


@pytest.mark.parametrize(
    "picture",
    [drawing.bars, drawing.funnel, drawing.line, drawing.paths, drawing.retention],
)
def test_what_is_no_answer_is_refused(picture: Any) -> None:
    with pytest.raises(ParameterError, match=f"{picture.__name__}: `answer` must be a frame"):
        picture(0.25)


@pytest.mark.parametrize(
    ("picture", "answer", "said"),
    [
        (drawing.bars, cases.groups(), "no rows"),
        (drawing.funnel, cases.funnel(), "no steps"),
        (drawing.line, cases.daily(), "no rows"),
        (drawing.paths, cases.ways(), "no paths"),
        (drawing.retention, cases.cohorts(), "no cohorts"),
        (drawing.week, cases.weekly(), "no sessions"),
    ],
)
def test_an_answer_without_rows_is_an_empty_picture_that_says_so(
    picture: Any, answer: pd.DataFrame, said: str
) -> None:
    ax = picture(answer.iloc[:0], title="Nothing", ax=new_ax())
    assert [text.get_text() for text in ax.texts] == [said]
    assert ax.get_title(loc="left") == "Nothing"
    assert ax.get_xlabel()


def test_no_gaps_and_no_timeouts_are_said() -> None:
    none = cases.suggestion(
        gaps=cases.suggestion().gaps.iloc[:0], sensitivity=cases.suggestion().sensitivity.iloc[:0]
    )
    assert [text.get_text() for text in drawing.gaps(none, ax=new_ax()).texts] == [
        "no gaps: no user has two events"
    ]
    assert drawing.sensitivity(none, ax=new_ax()).texts[0].get_text() == "no timeouts to compare"


@pytest.mark.parametrize("name", cases.PICTURES)
def test_no_text_is_a_formula(name: str) -> None:
    figure = cases.drawn(name)
    seen = [text for text in figure.findobj(mpl.text.Text) if text.get_visible()]
    with_dollars = [text for text in seen if "$" in text.get_text()]
    assert not any(text.get_parse_math() for text in with_dollars)


def test_names_that_begin_with_an_underscore_are_in_the_key() -> None:
    said = [text.get_text() for text in ax_of("line").get_legend().get_texts()]
    assert said == ["$mail$", "_direct"]
    assert cases.HOSTILE[1] in [
        text.get_text() for text in ax_of("funnel_of_groups").get_legend().get_texts()
    ]


def test_frames_of_all_libraries_are_drawn_alike() -> None:
    frame = cases.daily()
    frames = [frame, pl.from_pandas(frame), pa.Table.from_pandas(frame)]
    drawn = [drawing.line(each, unit="day", ax=new_ax()) for each in frames]
    lines = [[line.get_ydata() for line in ax.lines] for ax in drawn]
    for one in lines[1:]:
        np.testing.assert_equal(one, lines[0])


def test_bars_are_bounded_and_the_rest_is_one_of_them() -> None:
    many = pd.DataFrame({"page": map(str, range(1000)), "sessions": range(1000, 0, -1)})
    ax = drawing.bars(many, most=10, others="sum", ax=new_ax())
    assert [bar.get_width() for bar in ax.patches] == [*range(1000, 990, -1), sum(range(1, 991))]
    assert ax.get_yticklabels()[-1].get_text() == "990 others"
    left = drawing.bars(many, most=10, ax=new_ax())
    assert len(left.patches) == 10
    assert left.get_ylabel() == "990 more are not shown"


def test_one_bar_more_than_is_shown_stays_what_it_is() -> None:
    three = pd.DataFrame({"page": ["a", "b", "c"], "sessions": [3, 2, 1]})
    ax = drawing.bars(three, most=2, others="sum", ax=new_ax())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


def test_a_bar_of_nothing_says_null_and_is_not_zero() -> None:
    answer = pd.DataFrame({"page": ["a", "b"], "rate": [None, 0.0]})
    ax = drawing.bars(answer, is_share=True, ax=new_ax())
    assert [text.get_text() for text in ax.texts] == [" 0 %", " null"]


def test_texts_beside_bars_are_within_the_axes() -> None:
    figure = cases.drawn("funnel")
    figure.draw_without_rendering()
    (ax,) = figure.axes
    assert all(text.get_window_extent().x1 <= ax.bbox.x1 + 1 for text in ax.texts)


def test_lines_are_bounded() -> None:
    days = pd.to_datetime(["2024-05-01", "2024-05-02"])
    rows = [(day, f"group {number}", number) for day in days for number in range(20)]
    answer = pd.DataFrame(rows, columns=["day", "group", "sessions"])
    said = drawing.line(answer, ax=new_ax()).get_legend().get_texts()
    assert [text.get_text() for text in said] == [
        *(f"group {number}" for number in range(19, 13, -1)),
        "14 more are not shown",
    ]


@pytest.mark.parametrize(("missing", "height"), [("gap", np.nan), ("zero", 0.0)])
def test_a_day_without_a_row_is_a_gap_or_zero(missing: Any, height: float) -> None:
    days = pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-04"])
    answer = pd.DataFrame({"day": days, "sessions": [3, 4, 5]})
    (line,) = drawing.line(answer, unit="day", missing=missing, ax=new_ax()).lines
    np.testing.assert_equal(np.asarray(line.get_ydata()), [3, 4, height, 5])


def test_months_that_are_missing_are_counted_by_the_calendar() -> None:
    months = pd.to_datetime(["2024-11-01", "2025-02-01"])
    answer = pd.DataFrame({"month": months, "sessions": [3, 5]})
    (line,) = drawing.line(answer, unit="month", missing="zero", ax=new_ax()).lines
    assert list(line.get_ydata()) == [3, 0, 0, 5]


def test_the_hour_that_comes_twice_is_two() -> None:
    hours = pd.date_range("2024-10-26 23:00", periods=4, freq="h", tz="UTC")
    answer = pd.DataFrame({"hour": hours.tz_convert("Europe/Amsterdam"), "sessions": [1, 2, 3, 4]})
    (line,) = drawing.line(answer, unit="hour", ax=new_ax()).lines
    assert list(line.get_ydata()) == [1, 2, 3, 4]
    week = drawing.week(answer, ax=new_ax()).collections[0].get_array()
    # Sunday, by the clocks of Amsterdam: 1:00, twice 2:00, 3:00.
    assert list(week[6, 1:4]) == [1, 5, 4]


def test_retention_is_zero_where_the_log_goes_on_and_empty_behind_its_end() -> None:
    grid = drawing.retention(cases.cohorts(), unit="week", ax=new_ax()).collections[0].get_array()
    assert grid.filled(-1).tolist() == [
        [-1, 0.5, 0, 0.1],
        [-1, 0, 0, -1],
        [-1, 0.25, -1, -1],
    ]
    unknown = drawing.retention(cases.cohorts(), ax=new_ax()).collections[0].get_array()
    assert (unknown.filled(-1) == 0).sum() == 0


def test_a_distribution_counts_a_value_on_its_last_edge_once() -> None:
    values = [*range(201)] * 3 + [1000]
    ax = drawing.distribution(values, ax=new_ax())
    assert sum(bar.get_height() for bar in ax.patches) == len(values)
    assert [text.get_text() for text in ax.texts] == ["4 from 200 up"]


def test_a_distribution_loses_no_value() -> None:
    values = np.random.default_rng(2).lognormal(3, 2, 5000)
    ax = drawing.distribution(values, ax=new_ax())
    assert sum(bar.get_height() for bar in ax.patches) == 5000
    times = [2, 3, 5]
    ax = drawing.distribution([-1, 0, np.nan], times=times, ax=new_ax())
    assert [bar.get_height() for bar in ax.patches] == [2, 3]
    with pytest.raises(ParameterError, match="`times` must be as many numbers"):
        drawing.distribution([1], times=times)


@pytest.mark.parametrize("values", [[5.0], [0, 0, 0], [0.25, 0.25], [1e9, 3], [-3, 1e-9], []])
def test_a_distribution_of_little_is_drawn(values: list[float]) -> None:
    ax = drawing.distribution(values, marked=1, ax=new_ax())
    assert sum(bar.get_height() for bar in ax.patches) == len(values)


def test_marks_of_durations_do_not_overlap() -> None:
    figure = Figure(figsize=(6, 4))
    for low, high in ((1, 4e8), (60, 7200), (600, 2400)):
        ax = figure.subplots()
        scale(ax, low, high)
        figure.draw_without_rendering()
        boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
        assert len(boxes) >= 3
        assert all(one.x1 < two.x0 for one, two in pairwise(boxes))
        figure.clear()


class TestTimeline:
    def test_sessions_are_shaded_where_their_events_are(self) -> None:
        ax = ax_of("timeline")
        assert len(ax.patches) == 4
        inside = [
            any(patch.get_x() <= place <= patch.get_x() + patch.get_width() for patch in ax.patches)
            for place in ax.lines[4].get_xdata()
        ]
        assert inside == [True] * 8
        assert len(ax.lines[5].get_xdata()) == 1

    def test_a_frame_that_says_no_reason_claims_none(self) -> None:
        visits = cases.visits().drop(columns=["start_reason", "event_type"])
        ax = drawing.timeline(visits, "ann", ax=new_ax())
        assert ax.get_legend() is None
        assert [label.get_text() for label in ax.get_yticklabels()] == ["events"]

    def test_many_types_share_a_lane(self) -> None:
        times = pd.date_range("2024-05-01", periods=30, freq="min")
        visits = pd.DataFrame(
            {
                "user_id": 7,
                "timestamp": times,
                "session_id": "s",
                "event_type": [f"t{number:02}" for number in range(30)],
            }
        )
        ax = drawing.timeline(visits, 7, ax=new_ax())
        assert len(ax.get_yticklabels()) == 9
        assert ax.get_yticklabels()[-1].get_text() == "22 other types"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"user": "bob"}, "`user` must be a user of the frame; got 'bob'"),
            ({"user": 7}, "`user` must be a user of the frame; got 7"),
            ({"zone": "Mars"}, "`zone` must be the name of a time zone"),
            ({"visits": 5}, "`visits` must be a frame"),
            (
                {"visits": pd.DataFrame({"user_id": ["ann"]})},
                "`visits` must be a frame with a column",
            ),
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, changes: dict[str, Any], message: str) -> None:
        given = {"visits": cases.visits(), "user": "ann", **changes}
        with pytest.raises(ParameterError, match=f"timeline: {message}"):
            drawing.timeline(**given)

    @pytest.mark.parametrize(
        "library",
        [
            pd.DataFrame,
            pl.from_pandas,
            pa.Table.from_pandas,
            lambda visits: pl.from_pandas(visits).with_columns(
                pl.col("user_id").cast(pl.Categorical)
            ),
        ],
    )
    def test_frames_of_all_libraries(self, library: Any) -> None:
        visits = cs.sessionize(cases.visits()[["user_id", "timestamp"]])
        ax = drawing.timeline(library(visits), "ann", zone="Asia/Kolkata", ax=new_ax())
        assert ax.get_xticklabels()[0].get_text() == "2024-10-27\n05:00"
