"""Nothing that others wrote becomes markup, except what is on the lists."""

import base64
import re

import pytest

from autograder import markup

DERIVATION = "# Title\n\n**So** $a_1 b_2 < c_3$:\n\n- one\n- two\n\n$$\n\\nabla f = 2x\n$$"
HOSTILE = [
    "<script>alert(1)</script>",
    "a <img src=x onerror=alert(1)> b",
    "[click](javascript:alert(1))",
    "![x](https://example.org/spy.png)",
    "<https://example.org/spy>",
    '[a](https://example.org "t\\" onload=x")',
    "$<script>alert(1)</script>$",
    "$$\n<img src=x>\n$$",
    "```html\n<script>alert(1)</script>\n```",
    "| a |\n|---|\n| <b onclick=x>y</b> |",
    "<div style='position:fixed'>over everything</div>",
    "[ref]\n\n[ref]: https://example.org/spy",
    "# <svg onload=x>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_makes_no_element_that_runs_or_fetches(text):
    made = str(markup.markdown(text))
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", made))
    assert tags <= {"p", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert not re.search(r"<[^>]*\b(on\w+|src|href|style)\s*=", made)


def test_markdown_keeps_what_a_derivation_needs():
    made = str(markup.markdown(DERIVATION))
    assert "<strong>So</strong>" in made and "<li>one</li>" in made
    assert '<code class="tex">$a_1 b_2 &lt; c_3$</code>' in made  # underscores are no emphasis there
    assert '<pre class="tex">\\nabla f = 2x</pre>' in made
    assert '<p class="heading">Title</p>' in made


def test_markdown_nested_beyond_reason_is_text():
    made = str(markup.markdown(">" * 20000 + " <b>deep</b>"))
    assert "<b>" not in made


def test_mathml_is_written_anew():
    text = (
        f'<math xmlns="{markup.MATHML}" display="block"><msup><mi>A</mi><mo>⊤</mo></msup><mo>&lt;</mo></math>'
    )
    assert (
        markup.mathml(text) == '<math display="block"><msup><mi>A</mi><mo>⊤</mo></msup><mo>&lt;</mo></math>'
    )
    assert markup.mathml("<math><mn>2</mn></math>") == "<math><mn>2</mn></math>"


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        "",
        "<mrow><mi>x</mi></mrow>",
        "<math><script>x</script></math>",
        "<math><mi onclick='x'>x</mi></math>",
        "<math href='https://example.org'><mi>x</mi></math>",
        "<math><mi style='color:red'>x</mi></math>",
        "<math><maction><mi>x</mi></maction></math>",
        "<math><annotation-xml encoding='text/html'><b>x</b></annotation-xml></math>",
        "<math><mi mathvariant='a&quot; onload=x'>x</mi></math>",
        "<math><mi>x</mi>",
        '<!DOCTYPE m [<!ENTITY a "aaaa">]><math><mi>&a;</mi></math>',
        "<math><mi>" + "x" * markup.MAX_MATHML + "</mi></math>",
        "<math>" + "<mrow>" * 3000 + "</mrow>" * 3000 + "</math>",
        '<math xmlns:x="http://www.w3.org/1999/xhtml"><x:script>1</x:script></math>',
    ],
)
def test_mathml_with_anything_else_is_not_shown(text):
    assert markup.mathml(text) is None


def test_code_is_highlighted_and_escaped():
    made = str(markup.python("def f(x):\n    return '<b>' + x  # <i>"))
    assert '<span class="k">def</span>' in made and "&lt;b&gt;" in made and "<b>" not in made


def test_only_a_png_is_a_picture():
    good = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()
    assert markup.png(good) == good
    assert markup.png(good[:-4] + "\n" + good[-4:]) == good
    for other in (None, "???", base64.b64encode(b"<svg onload=x>").decode(), "A" * (markup.MAX_IMAGE + 1)):
        assert markup.png(other) is None
