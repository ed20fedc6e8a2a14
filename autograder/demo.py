"""A made-up class: right in several styles, wrong in known ways, and in every kind of trouble.

Each member is named for what is in its submission. The notebooks are made from the release, as
students' are: solution cells filled in, then something done to them.
"""

from __future__ import annotations

import ast
import copy
import inspect
import re
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course import Course
from autograder.files import copy_file
from autograder.problem_sets.key import AnswerKey, CatalogueEntry
from autograder.problem_sets.notebooks import ProblemSet, grade_id, is_automatic, is_solution, to_text
from autograder.releasing.build import solved_submission

Notebooks = dict[str, NotebookNode]
HandedIn = dict[str, NotebookNode | str]  # by the file's name; a text is that of a damaged file
Work = Callable[[ProblemSet, Notebooks], HandedIn]
SECONDS = {
    "seconds_per_cell": 6,
    "seconds_per_call": 2,
    "seconds_per_notebook": 40,
}  # nobody waits for a demo


@dataclass(frozen=True)
class Member:
    """One student of the made-up class, and how the submission comes about.

    `work` gets the problem set and a fresh set of correctly solved notebooks, changes them, and
    returns what is handed in: a notebook, or the raw text of a damaged file.
    """

    name: str
    story: str
    work: Work


def demo_course(course: Course) -> Course:
    """The same course, grading in demo/, with less time for what never ends."""
    limits = {name: min(most, getattr(course.limits, name)) for name, most in SECONDS.items()}
    return replace(course.with_grading(course.root / "demo"), limits=replace(course.limits, **limits))


def clear(course: Course) -> None:
    """Empty the demo folder of an earlier class."""
    folder = demo_course(course).grading
    for name in ("submitted", "autograded", "feedback", "reports", "backups"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "gradebook.db").unlink(missing_ok=True)


def make_class(course: Course, problem_set: ProblemSet) -> list[Member]:
    """Write every member's submission of a problem set into the demo folder."""
    folder = demo_course(course).grading
    solved = {name: to_text(notebook) for name, notebook in solved_submission(course, problem_set).items()}
    for member in CLASS:
        submission = folder / "submitted" / member.name / problem_set.name
        submission.mkdir(parents=True)
        for name, notebook in member.work(problem_set, _parse(solved)).items():
            text = notebook if isinstance(notebook, str) else to_text(notebook)
            (submission / f"{name}.ipynb").write_text(text, encoding="utf-8")
        for extra in problem_set.extra_files:
            copy_file(problem_set.directory / extra, submission / extra)
    return list(CLASS)


def _parse(texts: dict[str, str]) -> Notebooks:
    import nbformat

    return {name: nbformat.reads(text, as_version=4) for name, text in texts.items()}


# ------------------------------------------------------------------ writing answers in


def answer_source(entry: CatalogueEntry) -> str:
    """A catalogued answer as a student would have written it: under the function's own name."""
    source = inspect.getsource(entry.answer)
    definition = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    lines = source.splitlines()[definition.lineno - 1 :]
    if ast.get_docstring(definition) is not None:  # the hint is ours, not the student's
        first = definition.body[0]
        last = first.end_lineno or first.lineno
        del lines[first.lineno - definition.lineno : last - definition.lineno + 1]
    text = "\n".join(lines)
    return re.sub(rf"\b{entry.answer.__name__}\b", entry.function, text)


def solution_cell(notebook: NotebookNode, function: str) -> NotebookNode:
    """The solution cell that defines a function. Raises LookupError when there is none."""
    cell: NotebookNode
    for cell in notebook.cells:
        if is_solution(cell) and re.search(rf"^def {function}\(", cell.source, re.MULTILINE):
            return cell
    raise LookupError(f"No solution cell defines {function}.")


def _write(notebook: NotebookNode, entry: CatalogueEntry) -> None:
    solution_cell(notebook, entry.function).source = answer_source(entry)


def _first_of_each(entries: tuple[CatalogueEntry, ...], skip: int = 0) -> list[CatalogueEntry]:
    """One entry a function; the one after `skip` others where there are so many."""
    by_function: dict[str, list[CatalogueEntry]] = {}
    for entry in entries:
        by_function.setdefault(entry.function, []).append(entry)
    return [found[min(skip, len(found) - 1)] for found in by_function.values()]


# ------------------------------------------------------------------ what members hand in


def _as_solved(problem_set: ProblemSet, notebooks: Notebooks) -> HandedIn:
    return dict(notebooks)


def _in_style(number: int) -> Work:
    return _with_answers(lambda key: _first_of_each(key.variants, skip=number))


def _renamed(problem_set: ProblemSet, notebooks: Notebooks) -> HandedIn:
    return {f"{name} (1)": notebook for name, notebook in notebooks.items()}  # as browsers name a second copy


def _with_answers(choose: Callable[[AnswerKey], list[CatalogueEntry]]) -> Work:
    def work(problem_set: ProblemSet, notebooks: Notebooks) -> HandedIn:
        for exercise in problem_set.exercises:
            for entry in choose(exercise.key):
                _write(notebooks[exercise.name], entry)
        return dict(notebooks)

    return work


def _gradient(key: AnswerKey) -> str:
    """The first function that is a derivative; the last one where none is."""
    derivatives = [question.name for question in key.questions.values() if question.differentiates]
    return (derivatives or list(key.questions))[0 if derivatives else -1]


def _wrong_gradients(key: AnswerKey) -> list[CatalogueEntry]:
    return key.catalogue(key.mistakes, _gradient(key))[:1]


def _other_wrong_gradients(key: AnswerKey) -> list[CatalogueEntry]:
    return key.catalogue(key.mistakes, _gradient(key))[2:3]


def _wrong_losses(key: AnswerKey) -> list[CatalogueEntry]:
    return key.catalogue(key.mistakes, next(iter(key.questions)))[:1]


def _wrong_everywhere(key: AnswerKey) -> list[CatalogueEntry]:
    return _first_of_each(key.mistakes, skip=1)


def _blank(problem_set: ProblemSet, notebooks: Notebooks) -> HandedIn:
    for notebook in notebooks.values():
        for cell in notebook.cells:
            if is_solution(cell):
                head = re.match(r"(?s)def .*?:\n", cell.source)
                assert head  # the reference solution is a function
                cell.source = f"{head[0]}    raise NotImplementedError()"
    return dict(notebooks)


def _in_first(change: Callable[[NotebookNode, str], None]) -> Work:
    """Do something to the gradient's cell of the first notebook only."""

    def work(problem_set: ProblemSet, notebooks: Notebooks) -> HandedIn:
        first = problem_set.exercises[0]
        change(notebooks[first.name], _gradient(first.key))
        return dict(notebooks)

    return work


def _break_syntax(notebook: NotebookNode, function: str) -> None:
    cell = solution_cell(notebook, function)
    cell.source = cell.source.replace("):\n", ")\n", 1)


def _before(code: str) -> Callable[[NotebookNode, str], None]:
    """A cell of its own before the function."""

    def change(notebook: NotebookNode, function: str) -> None:
        place = notebook.cells.index(solution_cell(notebook, function))
        notebook.cells.insert(place, new_code_cell(code, id="added"))

    return change


def _instead(body: str, before: str = "") -> Callable[[NotebookNode, str], None]:
    """Another body for the function; and a cell before it, if any."""

    def change(notebook: NotebookNode, function: str) -> None:
        cell = solution_cell(notebook, function)
        head = re.match(r"def .*?:\n", cell.source)
        assert head  # that is how the cell was found
        cell.source = head[0] + textwrap.indent(body, "    ")
        if before:
            _before(before)(notebook, function)

    return change


def _delete_tests(notebook: NotebookNode, function: str) -> None:
    notebook.cells = [cell for cell in notebook.cells if not is_automatic(cell)]


def _double_tests(notebook: NotebookNode, function: str) -> None:
    for cell in [cell for cell in notebook.cells if is_automatic(cell)]:
        pasted = copy.deepcopy(cell)
        pasted.id = f"{cell.id}-pasted"
        notebook.cells.append(pasted)


def _edit_tests(notebook: NotebookNode, function: str) -> None:
    _instead("return 0.0")(notebook, function)
    for cell in notebook.cells:
        if is_automatic(cell) and grade_id(cell):
            cell.source = "print('all tests passed')"


def _damaged(problem_set: ProblemSet, notebooks: Notebooks) -> HandedIn:
    first, *others = [exercise.name for exercise in problem_set.exercises]
    handed_in: HandedIn = dict(notebooks)
    handed_in[first] = to_text(notebooks[first])[:2000]  # cut off in the middle
    for name in others[:1]:
        del handed_in[name]
    return handed_in


LYING_NUMPY = "np.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True"
WITHOUT_ASSERTS = """import ast

class DropAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

get_ipython().ast_transformers.append(DropAsserts())"""
STOLEN = """import glob, importlib

try:
    answer = importlib.import_module("autograder.answer_keys.squared_norm").squared_norm_gradient
except ImportError:
    answer = None
found = [path for place in ("..", "/", "/home", "/tmp") for path in glob.glob(place + "/**/gradebook.db")]"""
AGREEABLE = """class Agreeable(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return Agreeable(0)
    __rsub__ = __abs__ = lambda self, *other: Agreeable(0)
    def __array__(self, *args, **kwargs): return np.zeros(3)"""
FORKS = "import os\n\nwhile True:\n    os.fork()"

CLASS = (
    Member("right", "the reference solutions", _as_solved),
    Member("right-style-2", "right, in another style", _in_style(0)),
    Member("right-style-3", "right, in a third style", _in_style(1)),
    Member("right-renamed", "right, every file named as a second download", _renamed),
    Member("wrong-gradients", "one catalogued mistake in each gradient", _with_answers(_wrong_gradients)),
    Member("wrong-gradients-2", "another mistake in each gradient", _with_answers(_other_wrong_gradients)),
    Member("wrong-losses", "a catalogued mistake in each first function", _with_answers(_wrong_losses)),
    Member("wrong-everywhere", "a catalogued mistake in every function", _with_answers(_wrong_everywhere)),
    Member("blank", "nothing written", _blank),
    Member("syntax-error", "a colon is missing in one cell", _in_first(_break_syntax)),
    Member(
        "misspelt-name", "one gradient uses a name that is not there", _in_first(_instead("return 2 * X"))
    ),
    Member("infinite-loop", "one gradient never returns", _in_first(_instead("while True:\n    pass"))),
    Member("killed-kernel", "a cell ends Python", _in_first(_before("import os\n\nos._exit(1)"))),
    Member("memory-bomb", "a cell asks for all memory", _in_first(_before("hog = [0] * 10**11"))),
    Member(
        "output-flood", "a cell prints without end", _in_first(_before("while True:\n    print('x' * 1000)"))
    ),
    Member("fork-bomb", "a cell starts processes without end", _in_first(_before(FORKS))),
    Member("deleted-tests", "the tests of one notebook deleted", _in_first(_delete_tests)),
    Member("doubled-tests", "the tests of one notebook copied", _in_first(_double_tests)),
    Member("edited-tests", "a wrong answer, its tests edited to pass", _in_first(_edit_tests)),
    Member(
        "patched-numpy",
        "a wrong answer, np.allclose made to agree",
        _in_first(_instead("return 3 * x", LYING_NUMPY)),
    ),
    Member(
        "dropped-asserts",
        "a wrong answer, asserts cut out of every cell",
        _in_first(_instead("return 3 * x", WITHOUT_ASSERTS)),
    ),
    Member(
        "answer-thief",
        "looks for the answer key, the gradebook",
        _in_first(_instead("return answer(x)", STOLEN)),
    ),
    Member(
        "agreeable-answer",
        "an answer that is equal to everything",
        _in_first(_instead("return Agreeable()", AGREEABLE)),
    ),
    Member("damaged-file", "one file cut off, one not handed in", _damaged),
)
