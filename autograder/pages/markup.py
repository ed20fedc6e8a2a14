"""Text of others made safe to show: Markdown, Python, MathML, PNG. Nothing else becomes markup.

What comes out holds no element, address or attribute that is not on a list here, so a page can
neither run anything nor fetch anything.
"""

from __future__ import annotations

import base64
import binascii
import functools
import html
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

from autograder.problem_sets.pictures import pixels_of

if TYPE_CHECKING:  # imported where they are used: each takes its time
    from mistune import Markdown
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

MAX_IMAGE = 2_000_000  # characters of one figure, in base64
MAX_MATHML = 50_000
MAX_BLANK = 20  # empty lines of code, one after the other
MAX_TEX = 2_000  # characters of one formula
MACROS = re.compile(r"\\(?:[egx]?def|let|(?:re)?newcommand|providecommand)\b")  # they can grow without end
ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|gathered|gather\*?|eqnarray\*?)\}")  # not latex2mathml's
MATHML = "http://www.w3.org/1998/Math/MathML"
MATH_ELEMENTS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "msup",
        "msub",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mpadded",
        "mphantom",
        "menclose",
        "semantics",
    ]
)
MATH_ATTRIBUTES = frozenset(
    [
        "display",
        "mathvariant",
        "stretchy",
        "form",
        "accent",
        "accentunder",
        "fence",
        "separator",
        "lspace",
        "rspace",
        "width",
        "linethickness",
        "columnalign",
        "columnspacing",
        "rowspacing",
        "linebreak",
        "displaystyle",
        "scriptlevel",
        "largeop",
        "movablelimits",
        "notation",
    ]
)


def mathml(text: object) -> Markup | None:
    """A formula in MathML, written anew from its allowed parts; None when any part is not allowed."""
    if not isinstance(text, str) or len(text) > MAX_MATHML or "<!" in text or "<?" in text:
        return None
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no declarations, so nothing to expand
        written = _written(root)
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None
    return Markup(written) if _local(root.tag) == "math" else None  # noqa: S704


def _local(tag: str) -> str:
    return tag.removeprefix(f"{{{MATHML}}}")


def _written(element: ElementTree.Element) -> str:
    """One element and what is in it. Raises ValueError at the first thing that is not allowed."""
    name = _local(element.tag)
    if name not in MATH_ELEMENTS:
        raise ValueError(name)
    attributes = ""
    for attribute, value in element.attrib.items():
        if attribute not in MATH_ATTRIBUTES or not re.fullmatch(r"[\w.%+ -]*", value):
            raise ValueError(attribute)
        attributes += f' {attribute}="{value}"'
    inside = html.escape(element.text or "")
    for child in element:
        inside += _written(child) + html.escape(child.tail or "")
    return f"<{name}{attributes}>{inside}</{name}>"


def markdown(text: str) -> Markup:
    """A student's Markdown. HTML in it is shown as text, pictures and links by their names only."""
    try:
        return Markup(_markdown()(text))  # noqa: S704  the renderer escapes what it does not know
    except RecursionError:  # nested beyond reason
        return Markup("<pre>{}</pre>").format(text)


@functools.cache
def _markdown() -> Markdown:
    import mistune
    from mistune.plugins.math import math
    from mistune.plugins.table import table

    class Renderer(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **attributes: object) -> str:
            return f'<p class="heading">{text}</p>\n'  # the page's own headings keep their order

        def link(self, text: str, url: str, title: str | None = None) -> str:
            shown = html.escape(url)
            return text if text == shown else f"{text} ({shown})"

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return f"[picture: {text or 'no description'}]"

    return mistune.create_markdown(
        escape=True, renderer=Renderer(escape=True), plugins=[table, math, _formulas]
    )


def _formulas(md: Markdown) -> None:
    """Formulas become MathML; one that cannot is shown as it was typed."""

    def inline(_: object, text: str) -> str:
        return _formula(text, "inline") or f'<code class="tex">${html.escape(text)}$</code>'

    def block(_: object, text: str) -> str:
        made = _formula(text.strip(), "block") or f'<pre class="tex">{html.escape(text.strip())}</pre>'
        return f"{made}\n"

    assert md.renderer is not None  # ours, see above
    md.renderer.register("inline_math", inline)
    md.renderer.register("block_math", block)


def _formula(tex: str, display: str) -> Markup | None:
    from latex2mathml.converter import convert

    if len(tex) > MAX_TEX or MACROS.search(tex):
        return None
    try:
        return mathml(convert(ALIGNED.sub(r"\\\1{split}", tex), display=display))
    except Exception:  # TeX by hand: anything may be wrong with it
        return None


def python(source: str) -> Markup:
    """Python source with its tokens in spans, for a page's own style sheet."""
    from pygments import highlight

    lexer, formatter = _highlighter()
    lines = [line.rstrip() for line in source.split("\n")]
    blank = 0
    shown = []  # pygments looks at each of many empty lines from each of those before it
    for line in lines:
        blank = 0 if line else blank + 1
        if blank <= MAX_BLANK:
            shown.append(line)
    return Markup(highlight("\n".join(shown), lexer, formatter).rstrip("\n"))  # noqa: S704  pygments escapes


@functools.cache
def _highlighter() -> tuple[PythonLexer, HtmlFormatter]:
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)


def png(data: object) -> str | None:
    """A PNG's base64 text, if it is one and not too large, as a text or as it is drawn."""
    if not isinstance(data, str) or len(data) > MAX_IMAGE:
        return None
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content.startswith(b"\x89PNG") or pixels_of(content) is None:
        return None
    return base64.b64encode(content).decode()
