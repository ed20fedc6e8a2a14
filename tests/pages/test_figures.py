"""Figures drawn as SVG: the same every time, labelled, and in the page's own colours."""

import re
from xml.etree import ElementTree

from autograder.pages import figures


def test_figures_are_reproducible_labelled_and_apart():
    one = figures.score_distribution([1, 5, 5, 9.5], 10)
    assert one == figures.score_distribution([1, 5, 5, 9.5], 10)
    two = figures.points_by_question(["f", "g<&>"], [0.25, 1.0])
    ids = [re.findall(r'\bid="([^"]+)"', svg) for svg in (one, two)]
    assert ids[0] and not set(ids[0]) & set(ids[1])
    for svg in (one, two):
        root = ElementTree.fromstring(svg)
        assert root.attrib["role"] == "img" and len(root.attrib["aria-label"]) > 30
        assert "currentColor" in svg and figures.INK not in svg
        used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
        assert used <= set(re.findall(r'\bid="([^"]+)"', svg))
    assert "5 to 6: 2" in one and "f 25; g&lt;&amp;&gt; 100" in two
    assert "Nobody yet" in figures.score_distribution([], 0)
