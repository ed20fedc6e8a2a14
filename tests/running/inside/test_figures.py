"""A figure that lays itself out is drawn once, whole; others as Jupyter draws them."""

import base64
import io

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from autograder.running.inside.figures import as_png


def picture(figure):
    return Image.open(io.BytesIO(base64.b64decode(as_png(figure)))).convert("L")


def with_long_labels(**options):
    figure = Figure(figsize=(4, 3), **options)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([1, 2], label="what it is")
    axes.set(xlabel="x", ylabel="one line\nabove another\nand a third", title="A title")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


@pytest.fixture
def draws(monkeypatch):
    seen, draw = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda self, renderer: (seen.append(self), draw(self, renderer))[1])
    return seen


@pytest.mark.parametrize(("layout", "times"), [("constrained", 1), ("tight", 2), (None, 2)])
def test_once_where_that_is_enough(draws, layout, times):
    as_png(with_long_labels(layout=layout))
    assert len(draws) == times


def assert_whole(figure):
    seen = np.asarray(picture(figure))
    edges = (seen[0], seen[-1], seen[:, 0], seen[:, -1])
    assert all((edge == 255).all() for edge in edges) and (seen < 128).any()


@pytest.mark.parametrize("layout", ["constrained", "tight", None])
def test_nothing_is_cut_off(layout):
    assert_whole(with_long_labels(layout=layout))


def with_axes_of_its_own(figure):
    figure.add_axes((0, 0, 1, 1)).set(xlabel="x", title="Above")


STANDING_OVER = {
    "a legend outside": lambda figure: figure.legend(loc="upper left", bbox_to_anchor=(1, 1)),
    "a caption below": lambda figure: figure.text(0.5, -0.05, "a caption"),
    "axes placed by hand": with_axes_of_its_own,
}


@pytest.mark.parametrize("what", STANDING_OVER)
def test_what_stands_over_the_edge_is_drawn_as_jupyter_draws_it(draws, what):
    figure = with_long_labels(layout="constrained")
    STANDING_OVER[what](figure)
    assert_whole(figure)
    assert len(draws) == 3


def test_a_constrained_one_is_as_large_as_it_was_made():
    assert picture(with_long_labels(layout="constrained")).size == (400, 300)


def test_its_resolution_is_its_own():
    assert picture(with_long_labels(layout="constrained", dpi=200)).size == (800, 600)


def test_an_empty_one_has_no_picture():
    assert as_png(plt.figure()) is None
    plt.close("all")
