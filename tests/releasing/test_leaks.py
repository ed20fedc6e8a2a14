"""What staff could let slip: each plant is found where it stands, and the course raises no alarm."""

import base64
import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import tomllib
import zipfile
import zlib

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from autograder.cli import main
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.problem_sets.notebooks import read_problem_set
from autograder.releasing import leaks
from autograder.releasing.accepted import accept
from autograder.searching import contents
from tests.helpers import FIRST, REPOSITORY, cell_of, copy_course, edit

GUARDS = (
    leaks.nothing_leaks,
    leaks.nothing_computes_an_answer,
    leaks.derivations_are_blank,
    leaks.everything_was_looked_at,
)
LINE = "    return 2 * x\n"
HELPER = "import numpy as np\n\n\ndef slope(v):\n    return np.add(v, v)\n"


def zipped(name, content, method=zipfile.ZIP_DEFLATED):
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", method) as archive:
        archive.writestr(name, content)
    return box.getvalue()


def tarred(name, content):
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return box.getvalue()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*chunks):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + body + chunk(b"IEND", b"")


def npy(array):
    box = io.BytesIO()
    np.save(box, array)
    return box.getvalue()


def encoded(data):
    return base64.b64encode(data).decode()


def text(source):
    return new_markdown_cell(source)


def code(source):
    return new_code_cell(source)


def attached(data, kind="image/png", title="note.png"):
    cell = new_markdown_cell(f"![a picture](attachment:{title})")
    cell.attachments = {title: {kind: encoded(data)}}
    return cell


def shown(**data):
    cell = new_code_cell("1")
    cell.outputs = [new_output("display_data", {key.replace("_", "/"): value for key, value in data.items()})]
    return cell


def described(source, **metadata):
    cell = source
    cell.metadata.update(metadata)
    return cell


NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": [LINE.strip()]}], "metadata": {}})

CELLS = {
    "between-formulas": text("For $f$ your squared_norm_gradient should return 2 * x at every point $x$."),
    # in sentences
    "html-comment": text("Try it.\n\n<!-- np.dot(x, x) -->"),
    "html-comment-other-words": text("<!-- the answer: sum(v*v for v in x) -->"),
    "return-in-text": text("So you write `return 2 * x`."),
    "return-in-other-letters": text("So you write: return 2 × x"),
    "fenced": text("```python\ndef grad(u):\n    out = u + u\n    return out\n```"),
    "fenced-numpy": text("```python\nimport numpy\nnumpy.multiply(x, 2)\n```"),
    "quoted": text("> squared_norm(x) = x @ x"),
    "in-a-sentence": text("With other words, it is x.T @ x, which is one number."),
    "over-two-lines": text("The answer is np.sum(np.power(\n    x, 2))."),
    "alt-text": text('<img src="x.png" alt="np.square(x).sum()">'),
    "title-of-a-link": text('[hint](https://example.org "x.dot(x)")'),
    "entities": text("<code>np.dot&#40;x&#44; x&#41;</code>"),
    "tags-in-between": text("<code>2 <b>*</b> x</code>"),
    "escaped": text(r"It is 2 \* x."),
    "address": text("[run it](https://example.org/run#code=def%20g(x)%3A%0A%20%20return%202*x&mode=edit)"),
    "data-address": text(f"[solution](data:text/plain;base64,{encoded(b'return 2 * x')})"),
    "reference-link": text('[1]: https://example.org "return x + x"'),
    "raw": new_raw_cell("2 * np.asarray(x, dtype=float)"),
    "table": text("| function | code |\n|---|---|\n| gradient | `2*x` |"),
    "other-names": text("`np.dot(vector, vector)` does it."),
    # in code
    "comment": code("# 2 * x\nprint(1)"),
    "commented-out": code("# def answer(v):\n#     w = np.asarray(v)\n#     return w + w"),
    "string": code('hint = "x @ x"'),
    "docstring": code('def f(x):\n    """Return x @ x."""\n    raise NotImplementedError'),
    "lambda": code("check = lambda v: 2 * v"),
    "dictionary": code('answers = {"part b": lambda v: v / 0.5}'),
    "method": code("class Answer:\n    @staticmethod\n    def grad(v):\n        return np.add(v, v)"),
    "loop": code("def total(v):\n    s = 0.0\n    for a in v:\n        s += a * a\n    return s"),
    "value-and-slope": code("def both(v):\n    return {'value': v @ v, 'slope': v + v}"),
    "callable": code("class Slope:\n    def __call__(self, v):\n        return v + v"),
    "lines-with-a-loop": text(
        "```python\ng = np.zeros(len(x))\nfor i in range(len(x)):\n    g[i] = 2 * x[i]\n```"
    ),
    "written-file": code("%%writefile helper.py\ndef g(v):\n    return v * 2"),
    "default": code("def show(x, slope=lambda v: 2 * v):\n    print(slope(x))"),
    "expected": code("for v in points:\n    expected = 2 * v\n    assert np.allclose(grad(v), expected)"),
    "table-without-ticks": text("| what | how |\n|---|---|\n| gradient | 2 * x |"),
    "details": text("<details><summary>Solution</summary>\n\n    return x * 2\n\n</details>"),
    "doctest": code('def f(x):\n    """Nothing.\n\n    >>> np.dot(x, x)\n    14\n    """'),
    "two-steps": text("First squares = x * x. Then squares.sum() is the answer."),
    "tag": described(text("Nothing here."), tags=["x+x"]),
    "colours": shown(text_plain="\x1b[32mreturn\x1b[39m \x1b[36m2\x1b[39m * x"),
    "cells-of-a-table": text("<td>2</td><td>2 * x</td>"),
    "without-prefix": text("`dot(x, x)`"),
    "space-before-bracket": text("It is np.dot (x, x)."),
    "entry-by-entry": text("Entry i is `2 * x[i]`."),
    "caret": text("It is sum(x^2)."),
    "typewriter": text(r"$\texttt{2 * x}$"),
    "state": code("class Loss:\n    def grad(self):\n        return 2 * self.v"),
    "parameters": code("def solve(given):\n    return 2 * given['x']"),
    "generator": code("def slopes(v):\n    yield 2 * v"),
    "partial": code("import functools\ngrad = functools.partial(np.multiply, 2)"),
    "inner": code("def make():\n    def inner(v):\n        return 2.0 * v\n    return inner"),
    "in-a-test": code("assert np.allclose(squared_norm_gradient(x), 2 * x)"),
    "never-run": code("if False:\n    grad = lambda a: -2 * -a"),
    "magic": code("%%timeit\nx @ x"),
    # beside the source of a cell
    "output-text": shown(text_plain="2*x"),
    "output-html": shown(text_html="<pre>return x &#64; x</pre>"),
    "output-json": shown(application_json={"answer": "np.dot(x, x)"}),
    "metadata": described(text("Nothing here."), note="return 2 * x"),
    "metadata-encoded": described(text("Nothing here."), note=encoded(b"    return np.dot(x, x)")),
    "attachment-line": attached(LINE.encode()),
    "attachment-text": attached(b"np.dot(x, x)", "text/plain", "note.txt"),
    "attachment-picture": attached(png()),
    "attachment-pdf": attached(b"%PDF-1.4 \x80\x81 nothing", "application/pdf", "note.pdf"),
    "picture-in-text": text(f'<img src="data:image/png;base64,{encoded(png())}">'),
    "encoded": text("Hint: " + encoded(zlib.compress(b"def g(x):\n    return x + x\n"))),
    # derivations
    "scheme": text(
        "Only the term j = i contains xᵢ, so ∂f/∂xᵢ = 2 xᵢ. The n entries together form ∇f(x) = 2x, "
        "of shape (n,) like x: one rate of change for each direction."
    ),
    "scheme-respelled": text(
        r"**Only the term** $j=i$ contains $x_{i}$, so $\partial f/\partial x_{i}=2x_{i}$. "
        r"The $n$ entries *together* form $\nabla f\left(x\right)=2x$"
    ),
}
FILES = {
    "helpers.py": HELPER,
    "named_otherwise.py": "def f(x):\n    return sum(a ** 2 for a in x)\n",
    "module.py": '"""Nothing."""\n\nANSWERS = [lambda u: u * 2]\n',
    "nothing_but_a_comment.py": "# squared norm: x @ x\n",
    "does_not_parse.py": "def f(x) return x @ x\n",
    "notes.txt": "part b - 2*x\n",
    "notes.md": "# Notes\n\nUse `np.einsum('i,i', x, x)`.\n",
    "table.csv": 'function,formula\nsquared_norm,"np.dot(x, x)"\n',
    "tools/deep/slope.py": HELPER,
    "in_place.py": "import numpy as np\n\n\ndef fill(v, out):\n    out[:] = np.add(v, v)\n",
    "prints.py": "def show(vector):\n    print(sum(vector * vector))\n",
    "exported.html": "<div><span>def</span> <span>f</span>(v): <span>return</span> v <span>@</span> v</div>",
    "99_solutions.ipynb": NOTEBOOK,
    "old.pyc": b"\xa7\r\r\n\0\0\0\0" + bytes(40),
    "course.tex": "\\begin{verbatim}\nreturn 2 * x\n\\end{verbatim}\n",
    "settings.json": json.dumps({"hints": ["it is np.inner(x, x)"]}),
    "page.html": "<html><body><p hidden>2 * x</p></body></html>",
    "drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg"><desc>2 * x</desc></svg>',
    "empty_drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1 1"/></svg>',
    "wide.txt": "return 2 * x".encode("utf-16"),
    "old.txt": "r\xe9sum\xe9: 2 * x\n".encode("latin-1"),
    "solution.zip": zipped("01_squared_norm.ipynb", NOTEBOOK),
    "stored.zip": zipped("a/b.py", HELPER, zipfile.ZIP_STORED),
    "nested.zip": zipped("inner.zip", zipped("x.py", HELPER)),
    "renamed.dat": zipped("x.py", HELPER),
    "handout.docx": zipped(
        "word/document.xml", "<w:p><w:r><w:t>return 2</w:t></w:r><w:r><w:t> * x</w:t></w:r></w:p>"
    ),
    "backup.tar.gz": tarred("old/x.py", HELPER.encode()),
    "x.py.gz": gzip.compress(HELPER.encode()),
    "x.py.bz2": bz2.compress(HELPER.encode()),
    "x.py.xz": lzma.compress(HELPER.encode()),
    "words.npy": npy(np.array(["return 2 * x"])),
    "words.npz": zipped("words.npy", npy(np.array(["np.dot(x, x)"]))),
    "things.npy": b"\x93NUMPY\x01\x00"
    + struct.pack("<H", 118)
    + (b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"),
    "picture.png": png(),
    "told.png": png(chunk(b"tEXt", b"Comment\0" + b"x.dot(x)")),
    "appended.png": png() + zipped("x.py", HELPER),
    "paper.pdf": b"%PDF-1.4\n1 0 obj<<>>stream\n"
    + zlib.compress(b"BT (return 2 * x) Tj ET")
    + b"\nendstream",
    "letters.ttf": b"\0\1\0\0" + bytes(range(200)),
    "kept.pkl": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00.",
    "broken.zip": zipped("x.py", HELPER)[:60],
}
WHAT = {  # what is said of those of which more than one thing could be
    "told.png": "computes what squared_norm of 01_squared_norm.ipynb returns",
    "appended.png": "holds a function that returns what squared_norm_gradient of",
    "paper.pdf": "computes what squared_norm_gradient",
    "drawing.svg": "computes what squared_norm_gradient",
    "attachment-picture": "attachment note.png | is a picture; look at it",
    "scheme-respelled": "tells what the mark scheme of 01_squared_norm.ipynb, cell derivation says",
    "partial": "holds a function that returns what squared_norm_gradient of 01_squared_norm.ipynb returns",
    "helpers.py": "helpers.py | holds a function that returns what squared_norm_gradient of",
}


def faults(course, problem_set="ps1", guards=GUARDS):
    found = read_problem_set(course.source, problem_set)
    return [f"{fault.where} | {fault.what}" for guard in guards for fault in guard(course, found)]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Everything at once, each in a cell or a file of its own; what the guards say of it."""
    course = find_course(copy_course(tmp_path_factory.mktemp("course"), f"{FIRST}.ipynb"))
    folder = course.release / "ps1"

    def plant(notebook):
        for name, cell in CELLS.items():
            notebook.cells.append(nbformat.from_dict({**cell, "id": name}))
        cell_of(notebook, "squared-norm").source += "\n    # alternative: np.vdot(x, x)"
        before = cell_of(notebook, "squared-norm-gradient")
        before.source = "# as in gradient = lambda t: t + t\n" + before.source

    edit(folder / f"{FIRST}.ipynb", plant)
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return faults(course)


@pytest.mark.parametrize("name", [*CELLS, "squared-norm", "squared-norm-gradient"])
def test_a_cell_that_tells(planted, name):
    said = [line for line in planted if f"{FIRST}.ipynb, cell {name}" in line.replace(" |", ",")]
    said = [line for line in said if f"cell {name}," in line.replace(" |", ",")]
    assert said, name
    assert WHAT.get(name, "") in "\n".join(said)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_tells(planted, name):
    said = [line for line in planted if line.replace(" |", ",").startswith(f"release/ps1/{name},")]
    assert said, name
    assert WHAT.get(name, "") in "\n".join(said)


@pytest.mark.long
@pytest.mark.parametrize("name", ["ps1", "ps2"])
def test_the_harness_computes_no_answer(course, name, monkeypatch):
    monkeypatch.setattr(leaks, "HARNESS", ())
    assert faults(course, name, [leaks.nothing_computes_an_answer]) == []


@pytest.mark.parametrize("name", ["gradcheck.py", "derivation.py"])
def test_a_harness_that_was_added_to_is_searched(tmp_path, name):
    course = find_course(copy_course(tmp_path, f"{FIRST}.ipynb"))
    path = course.release / "ps1" / name
    told = "\n\ndef helper(t):\n    return t + t\n"
    path.write_text("import numpy as np\n" + told)
    found = faults(course, "ps1", [leaks.nothing_computes_an_answer])
    assert [line for line in found if name in line and "squared_norm_gradient" in line]


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(path.name for path in (REPOSITORY / "source").glob("ps*")))
def test_the_course_itself_raises_no_alarm(course, name):
    assert faults(course, name) == []


# ---------------------------------------------------------------- the other exercises


OTHER_CELLS = {  # by the function that they answer
    "frobenius_loss": "Write `((W @ X - Y) ** 2).sum()`.",
    "frobenius_loss_gradient": "Or with numbers of other names: 2 * np.dot(np.dot(A, B) - C, B.T)",
    "ridge_loss": "<!-- np.linalg.norm(A @ x - b) ** 2 + lam * np.linalg.norm(x) ** 2 -->",
    "ridge_gradient": "```python\nr = A @ x - b\n2 * A.T @ r + 2 * lam * x\n```",
    "ridge_closed_form": "np.linalg.inv(A.T @ A + lam * np.identity(A.shape[1])) @ A.T @ b",
    "softmax": "With shifted = np.exp(z - z.max()) it is\n\nshifted / shifted.sum()",
    "cross_entropy": "    def L(a, t):\n      e = np.exp(a - max(a))\n      return t @ -np.log(e / sum(e))",
    "cross_entropy_gradient": "> softmax(z) - y",
    "weights_gradient": "cross_entropy_gradient(W @ x, y)[:, None] * x",
    "linear_form": "sum(ci * xi for ci, xi in zip(c, x))",
    "linear_form_gradient": "def linear_form_gradient(x, c):\n    return c.astype(float)",
}


@pytest.fixture(scope="module")
def planted_elsewhere(tmp_path_factory):
    """Answers to all other exercises of ps1, each in a cell of the exercise that asks for it."""
    course = find_course(copy_course(tmp_path_factory.mktemp("course"), "0[2-9]*.ipynb"))
    for exercise in read_problem_set(course.source, "ps1").exercises:

        def plant(notebook, asked=tuple(exercise.key.questions)):
            for function in asked:
                if function in OTHER_CELLS:
                    name = function.replace("_", "-") + "-told"
                    notebook.cells.append(nbformat.from_dict({**text(OTHER_CELLS[function]), "id": name}))

        edit(course.release / "ps1" / exercise.path.name, plant)
    return faults(course, guards=(leaks.nothing_computes_an_answer,))


@pytest.mark.long
@pytest.mark.parametrize("function", OTHER_CELLS)
def test_an_answer_to_any_exercise(planted_elsewhere, function):
    cell = function.replace("_", "-") + "-told"
    assert [line for line in planted_elsewhere if f"cell {cell} |" in line and f" {function} of" in line]


@pytest.mark.long
def test_what_never_ends_ends(small_course):
    folder = small_course.release / "ps1"
    (folder / "forever.py").write_text(
        "def f(x):\n    while True:\n        pass\n\n\nvalue = [0 for _ in iter(int, 1)]\n"
    )
    (folder / "notes.txt").write_text("Or x * 9 ** 9 ** 9 ** 9, and then 2 * x.\n")
    (said,) = faults(small_course)
    assert "notes.txt | computes what squared_norm_gradient of" in said


def test_what_is_packed_without_end_is_to_be_looked_at(small_course, monkeypatch):
    monkeypatch.setattr(contents, "MAX_BYTES", 1_000_000)
    box = b"x"
    for _ in range(12):
        box = gzip.compress(box)
    (small_course.release / "ps1" / "boxes.gz").write_bytes(box)
    (small_course.release / "ps1" / "zeros.xz").write_bytes(lzma.compress(bytes(10**7)))
    said = faults(small_course)
    assert len(said) == 2 and all("holds more than the gate opens; look at it" in line for line in said)


def test_a_part_of_a_solution(tmp_path):
    """The step of descent is no answer by itself, and half of one."""
    course = find_course(copy_course(tmp_path, "04_ridge_descent.ipynb"))
    (course.release / "ps1" / "notes.txt").write_text("w = w - rate * ridge_gradient(w, M, t, penalty)\n")
    (said,) = faults(course)
    assert "shows a part of the solution of 04_ridge_descent.ipynb, cell ridge-descent: w - rate" in said


def test_what_a_primer_teaches_in_passing_may_stand_and_what_it_keeps_may_not(tmp_path):
    course = find_course(copy_course(tmp_path, "0[01]*.ipynb"))
    primer = course.release / "ps1" / "00_primer.ipynb"

    def plant(notebook):
        notebook.cells.append(nbformat.from_dict({**code("print(x @ x, 2 * x)"), "id": "in-passing"}))
        notebook.cells.append(nbformat.from_dict({**code("norm = lambda x: x @ x"), "id": "kept"}))
        notebook.cells.append(nbformat.from_dict({**text("`return 2 * x`"), "id": "told"}))

    edit(primer, plant)
    found = faults(course)
    assert (
        len(found) == 2
        and "cell kept | holds" in found[0] + found[1]
        and "cell told |" in found[0] + found[1]
    )


# ---------------------------------------------------------------- derivations


@pytest.mark.parametrize("placeholder", ["*Your answer.*", "_Write your proof here. Then save._", ""])
def test_a_placeholder(small_course, placeholder):
    edit(
        small_course.source / "ps1" / f"{FIRST}.ipynb",
        lambda notebook: cell_of(notebook, "derivation-answer").update(source=placeholder),
    )
    assert faults(small_course, guards=(leaks.derivations_are_blank,)) == []


@pytest.mark.parametrize("source", ["$\\nabla f = 2x$", "*Write here.* It is 2x.", "*It is 2x.*", "# Answer"])
def test_an_answer_that_is_there_already(small_course, source):
    edit(
        small_course.source / "ps1" / f"{FIRST}.ipynb",
        lambda notebook: cell_of(notebook, "derivation-answer").update(source=source),
    )
    (said,) = faults(small_course, guards=(leaks.derivations_are_blank,))
    assert said.startswith(f"{FIRST}.ipynb, cell derivation-answer | holds more than a placeholder")


# ---------------------------------------------------------------- what a person accepts


def check(course, *arguments):
    done = CliRunner().invoke(main, ["--course-dir", str(course.root), "check", *arguments])
    return done.exit_code, done.output


def with_pictures(course):
    """A picture as a file and as an attachment; and a source that ends the gate early, to save time."""
    (course.release / "ps1" / "picture.png").write_bytes(png())

    def attach(notebook):
        cell_of(notebook, "idea").attachments = attached(png(chunk(b"tEXt", b"a\0b"))).attachments

    edit(course.release / "ps1" / f"{FIRST}.ipynb", attach)
    source = course.source / "ps1" / f"{FIRST}.ipynb"
    source.write_text(source.read_text() + "\n")


def test_a_picture_goes_out_when_a_person_accepts_it_and_until_it_changes(small_course):
    with_pictures(small_course)
    waiting = faults(small_course)
    assert len(waiting) == 2
    assert f"--accept '{FIRST}.ipynb:note.png' --because" in waiting[0] and "picture.png" in waiting[1]
    code, said = check(
        small_course, "ps1", "--accept", f"{FIRST}.ipynb:note.png", "--because", 'A "map" \\ é'
    )
    assert code == 1 and f"{FIRST}.ipynb:note.png is accepted, in accepted.toml." in said
    assert [line for line in said.splitlines() if line.startswith("✗")] == [
        f"✗ {FIRST}.ipynb: is not in canonical form; run `course build`, which rewrites it."
    ]
    accept(small_course, "ps1", ["release/ps1/picture.png"], "Looked at.")
    assert faults(small_course) == []
    kept = tomllib.loads((small_course.root / "accepted.toml").read_text())["accepted"]
    assert [(one["problem_set"], one["file"], one["because"]) for one in kept] == [
        ("ps1", f"{FIRST}.ipynb:note.png", 'A "map" \\ é'),
        ("ps1", "picture.png", "Looked at."),
    ]
    (small_course.release / "ps1" / "picture.png").write_bytes(png(chunk(b"tEXt", b"b\0c")))
    (said,) = faults(small_course)
    assert "picture.png | is a picture and has changed since it was accepted; look at it" in said
    accept(small_course, "ps1", ["picture.png"], "Looked at again.")
    assert faults(small_course) == []
    assert len(tomllib.loads((small_course.root / "accepted.toml").read_text())["accepted"]) == 2


def test_an_answer_that_a_person_finds_to_be_fine(small_course):
    notes = small_course.release / "ps1" / "notes.txt"
    notes.write_text("A walk of length x @ x is long.\n")
    (said,) = faults(small_course)
    assert "notes.txt | computes what squared_norm of" in said
    accept(small_course, "ps1", ["notes.txt"], "It is the example of the lecture.")
    assert faults(small_course) == []
    notes.write_text("A walk of length x @ x is very long.\n")
    assert len(faults(small_course)) == 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("ps1", "--accept", "picture.png"), "--because says why"),
        (("ps1", "--accept", "picture.png", "--because", " "), "--because says why"),
        (("ps1", "--because", "Fine."), "--because goes with --accept"),
        (("--accept", "picture.png", "--because", "Fine."), "--accept needs the problem set"),
        (
            ("ps1", "--accept", "other.png", "--because", "Fine."),
            "release/ps1 holds no other.png; there is: ",
        ),
        (
            ("ps1", "--accept", "../../course_config.py", "--because", "Fine."),
            "holds no ../../course_config.py",
        ),
        (("ps7", "--accept", "picture.png", "--because", "Fine."), "There is no problem set 'ps7'"),
    ],
)
def test_what_cannot_be_accepted(small_course, arguments, said):
    with_pictures(small_course)
    code, output = check(small_course, *arguments)
    assert code == 2 and said in output and len(output.splitlines()) == 1
    assert not (small_course.root / "accepted.toml").exists()


@pytest.mark.parametrize("damage", ["[[accepted", "accepted = 3", "[[accepted]]\nfile = 'x'", b"\xff\xfe"])
def test_a_damaged_list_of_what_was_accepted(small_course, damage):
    (small_course.root / "accepted.toml").write_bytes(
        damage if isinstance(damage, bytes) else damage.encode()
    )
    with pytest.raises(CourseError, match=r"accepted.toml is damaged .* repair it by hand"):
        faults(small_course)
