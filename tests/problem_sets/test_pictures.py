"""How large pictures are, from their headers; what lies or breaks off is none."""

import io

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image

from autograder.problem_sets.pictures import MAX_PIXELS, SVG, all_fit, pixels, pixels_of
from tests.pictures import as_text, gif, jpeg, png


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (1500, 7)])
def test_real_files(kind, size):
    file = io.BytesIO()
    Image.new("RGB", size).save(file, kind)
    found = pixels_of(file.getvalue())
    assert found is not None and size[0] * size[1] <= found <= 2 * size[0] * size[1]


def test_real_animations():
    first, second = (Image.new("RGB", (100, 50), colour) for colour in ("red", "blue"))
    for kind in ("PNG", "GIF"):
        file = io.BytesIO()
        first.save(file, kind, save_all=True, append_images=[second, first, second])
        assert 4 * 5000 <= pixels_of(file.getvalue()) <= 8 * 5000


@pytest.mark.parametrize("kind, most", [("png", 10), ("jpg", 10), ("svg", 3)])
def test_figures(kind, most):
    figure = Figure(figsize=(6, 4), dpi=100)
    axes = figure.add_subplot(title="$x^2$", xlabel="x")
    axes.plot(range(50), "o-", label="y")
    axes.legend()
    file = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure.savefig(file, format=kind)
    data = file.getvalue().decode() if kind == "svg" else as_text(file.getvalue())
    found = pixels(SVG if kind == "svg" else f"image/{kind}", data)
    assert found is not None and 240_000 / 2 < found < 240_000 * most


LARGE = {
    "900 megapixels": png(30_000, 30_000),
    "a strip": png(1, 900_000_000),
    "an animation": png(4000, 4000, frames=2**32 - 1),
    "nothing": png(0, 100),
    "a photograph": jpeg(60_000, 60_000),
    "a canvas": gif(65_535, 65_535),
    "a film": gif(3000, 3000, frames=10_000),
    "frames larger than their canvas": gif(1, 1, frames=3, inner=65_535),
}


@pytest.mark.parametrize("content", LARGE.values(), ids=LARGE)
def test_what_no_browser_opens_is_no_picture(content):
    assert len(content) < 200_000
    assert pixels_of(content) is None
    assert pixels("image/png", as_text(content)) is None


@pytest.mark.parametrize("content", [png(30, 20), jpeg(30, 20), gif(30, 20)], ids=["png", "jpeg", "gif"])
def test_a_file_that_breaks_off_is_no_picture_or_has_its_size(content):
    full = pixels_of(content)
    assert full in (600, 601)
    for end in range(len(content)):
        assert pixels_of(content[:end]) in (None, full)


@pytest.mark.parametrize("data", [None, 7, [], "", "?", "AAAA", "QUJD" * 100, as_text(b"BM" + bytes(90))])
def test_what_is_no_picture(data):
    assert pixels("image/png", data) is None


def svg(inside="", **attributes):
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg"{said}>{inside}</svg>'


LAUGHS = "".join(
    f'<g id="l{n}">' + f'<use href="#l{n - 1}"/>' * 10 + "</g>" if n else '<path id="l0"/>' for n in range(9)
)
BAD_SVG = {
    "large": svg(width="100000", height="100000"),
    "large in inches": svg(width="400in", height="10px"),
    "large inside": svg(width="10", height="10", viewBox="0 0 1e9 1e9"),
    "odd": svg(width="1e99"),
    "copies": svg(LAUGHS),
    "entities": '<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"),
    "many": svg("<g/>" * 100_000),
    "deep": svg("<g>" * 15_000 + "</g>" * 15_000) + "x",
    "no svg": "<b/>",
    "broken": "<svg",
    "a picture in it": svg(f'<image href="data:image/png;base64,{as_text(png(30_000, 30_000))}"/>'),
}


@pytest.mark.parametrize("text", BAD_SVG.values(), ids=BAD_SVG)
def test_an_svg_that_grows(text):
    assert pixels(SVG, text) is None


def test_an_svg_that_does_not():
    assert pixels(SVG, svg(width="100%")) == 0
    assert pixels(SVG, svg(width="10cm", height="10cm")) == 378 * 378
    assert pixels(SVG, svg("<defs><path id='a'/></defs><use href='#a'/>" * 20, viewBox="0 0 9 8")) == 72


def test_pictures_within_text():
    small, large = (f"data:image/png;base64,{as_text(png(side, side))}" for side in (100, 30_000))
    assert all_fit(f"<img src='{small}'> ![]({small}) <table> data:image/png")
    assert not all_fit(f"<img src='{small}'> ![]({large})")
    assert not all_fit("<SVG width=1>") and not all_fit("data:image/svg+xml,%3Csvg")
    assert all_fit("data:image/" * 100_000)


def test_a_telephones_photograph_fits():
    assert pixels_of(jpeg(8160, 6120)) == 8160 * 6120 < MAX_PIXELS
