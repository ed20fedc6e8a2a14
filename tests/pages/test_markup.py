"""Nothing that others wrote becomes markup, except what is on the lists."""

import re

import pytest

from autograder.pages import markup
from tests.pictures import as_text, png

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
    made = re.sub(r"<math .*?</math>", "", str(markup.markdown(text)))  # test_mathml_...: nothing runs there
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z]+)", made))
    assert tags <= {"p", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert not re.search(r"<[^>]*\b(on\w+|src|href|style)\s*=", made)


def test_markdown_keeps_what_a_derivation_needs():
    made = str(markup.markdown(DERIVATION))
    assert "<strong>So</strong>" in made and "<li>one</li>" in made
    assert "<msub><mi>a</mi><mn>1</mn></msub>" in made  # underscores are no emphasis there
    assert (
        '<math display="block"><mrow><mo>∇</mo><mi>f</mi><mo>=</mo><mn>2</mn><mi>x</mi></mrow></math>' in made
    )
    assert '<p class="heading">Title</p>' in made


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial f}{\partial x_i} = \sum_{j=1}^n a_{ij} x_j",
        r"\|WX - Y\|_F^2 = \operatorname{tr}\left((WX - Y)^\top (WX - Y)\right)",
        r"\begin{aligned} f &= x^\top x \\ \nabla f &= 2x \end{aligned}",
        r"\begin{align*} f &= x^\top x \\ \nabla f &= 2x \end{align*}",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \hat{y} \in \mathbb{R}^n",
        r"\boxed{p - y} \quad \text{since } \sum_i y_i = 1",
    ],
)
def test_what_students_write_in_tex_is_shown_as_mathematics(tex):
    for typed, display in ((f"${tex}$", "inline"), (f"$$\n{tex}\n$$", "block")):
        made = markup.markdown(typed)
        assert f'<math display="{display}">' in made and 'class="tex"' not in made


@pytest.mark.parametrize(
    "tex",
    [
        r"\def\a{\b\b}\def\b{\c\c}\def\c{xx}\a",
        r"\newcommand{\a}{\a\a}\a",
        r"\href{javascript:alert(1)}{x}",
        r"\style{position:fixed}{x}",
        r"\color{red}{x}",
        r"}{",
        r"\sqrt{" * 300 + "x" + "}" * 300,
        "x" * (markup.MAX_TEX + 1),
    ],
)
def test_tex_that_is_odd_stays_as_it_was_typed(tex):
    made = markup.markdown(f"${tex}$")
    assert "<math" not in made and 'class="tex"' in made


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
    good = as_text(png(640, 480))
    assert markup.png(good) == good
    assert markup.png(good[:-4] + "\n" + good[-4:]) == good
    large = as_text(png(30_000, 30_000))
    for other in (None, "???", as_text(b"<svg onload=x>"), "A" * (markup.MAX_IMAGE + 1), large):
        assert markup.png(other) is None


def test_empty_lines_without_end_are_not_shown():
    """Each with two blanks, in a cell as long as is shown: a highlighter took minutes over them."""
    made = str(markup.python("a = 1  \n" + "  \n" * 26_000 + "b = 2"))
    assert made.count("\n") == 1 + markup.MAX_BLANK and made.count("<span") >= 4
