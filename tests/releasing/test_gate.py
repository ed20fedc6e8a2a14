"""The release gate turns red, and names the cell, for each thing it guards."""

import json
import shutil
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import find_course
from autograder.exam.examine import examine, failed_checks
from autograder.exam.prove import prove_tests
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import read_notebook, read_problem_set, to_text
from autograder.problem_sets.waivers import Waiver, waiving, write_waivers
from autograder.releasing import gate, leaks
from autograder.releasing.build import build
from autograder.releasing.certificate import as_markdown, certify
from autograder.releasing.leaks import nothing_leaks
from tests.helpers import FIRST, REPOSITORY, cell_of, copy_course, edit, run_course

pytestmark = pytest.mark.usefixtures("workers_are_kept")
NOTEBOOK = f"{FIRST}.ipynb"


def check(course):
    """`course check ps1` in a copy: exit code and what was printed."""
    done = CliRunner().invoke(main, ["--course-dir", str(course.root), "check", "ps1"])
    return done.exit_code, done.output


def assert_red(course, *said):
    code, output = check(course)
    assert code == 1, output
    problems = [line for line in output.splitlines() if line.startswith("✗")]
    for words in said:
        assert any(words in line for line in problems), f"{words!r} not in {problems}"


def source_of(course):
    return course.source / "ps1" / NOTEBOOK


def rebuild(course):
    build(course, "ps1")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.name for path in (REPOSITORY / "source").glob("*/")))
def test_the_course_itself_is_green(course, name):
    result = gate.check(course, name)
    assert result.problems == ()
    assert len(result.passed) == sum(map(len, gate.GUARDS))


@pytest.mark.slow
def test_a_copy_with_nothing_planted_is_green(small_course):
    code, output = check(small_course)
    assert code == 0 and "ready to release" in output


# ---------------------------------------------------------------- the source


def test_outputs_in_the_source(small_course):
    def add_output(notebook):
        cell_of(notebook, "setup").execution_count = 3

    edit(source_of(small_course), add_output)
    assert_red(small_course, "cell setup: is not in canonical form")


@pytest.mark.slow
def test_a_build_tidies_the_source(small_course):
    path = source_of(small_course)
    before = path.read_text()
    path.write_text(json.dumps(json.loads(before), indent=2))
    done = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "build"])
    assert done.exit_code == 0 and f"source/ps1/{NOTEBOOK}: tidied." in done.output
    assert path.read_text() == before


def test_another_indent_in_the_source(small_course):
    path = source_of(small_course)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    assert_red(small_course, f"{NOTEBOOK}: is not in canonical form")


def test_an_id_that_stands_twice(small_course):
    def double(notebook):
        cell_of(notebook, "squared-norm-test").metadata.nbgrader["grade_id"] = "squared-norm-hidden"

    edit(source_of(small_course), double)
    assert_red(small_course, "cell squared-norm-test: has nbgrader's id squared-norm-hidden")


@pytest.mark.parametrize("name", ["a1b2c3d4", "Cell-1", "cell_1"])
def test_an_id_that_says_nothing(small_course, name):
    path = source_of(small_course)
    path.write_text(path.read_text().replace('"id": "idea"', f'"id": "{name}"'))
    assert_red(small_course, f"cell {name}: has an id that says nothing")


@pytest.mark.parametrize("content", ["", "{", '{"cells": 7}', "x" * 70])
def test_a_source_that_is_no_notebook(small_course, content):
    source_of(small_course).write_text(content)
    assert_red(small_course, f"source/ps1: {NOTEBOOK} is not a notebook")


def test_a_region_that_is_not_closed(small_course):
    def open_up(notebook):
        cell = cell_of(notebook, "squared-norm-hidden")
        cell.source = cell.source.replace("### END HIDDEN TESTS", "# the end")

    edit(source_of(small_course), open_up)
    assert_red(small_course, "cell squared-norm-hidden: opens or closes a HIDDEN TESTS region")


def test_a_region_that_ends_before_it_begins(small_course):
    def turn(notebook):
        cell = cell_of(notebook, "squared-norm")
        cell.source = cell.source.replace("BEGIN", "X").replace("END", "BEGIN").replace("X", "END")

    edit(source_of(small_course), turn)
    assert_red(small_course, "cell squared-norm: opens or closes a SOLUTION region")


@pytest.mark.parametrize("spelled", ["### BEGIN HIDDEN TEST", "# begin hidden tests", "###"])
def test_a_marker_that_is_misspelt_or_forgotten(small_course, spelled):
    """nbgrader would hand the hidden test out."""

    def misspell(notebook):
        cell = cell_of(notebook, "squared-norm-hidden")
        cell.source = cell.source.replace("### BEGIN HIDDEN TESTS", spelled).replace(
            "### END HIDDEN TESTS", ""
        )

    edit(source_of(small_course), misspell)
    assert_red(small_course, "cell squared-norm-hidden: calls the exam outside a HIDDEN TESTS region")


@pytest.mark.parametrize(
    "code, said", [("x = = 1", "is not Python"), ("%matplotlib inline", "is not Python")]
)
def test_a_cell_that_is_not_plain_python(small_course, code, said):
    def spoil(notebook):
        cell_of(notebook, "setup").source = code

    edit(source_of(small_course), spoil)
    assert_red(small_course, f"cell setup: {said}")


def test_a_setup_that_does_not_run(small_course):
    def spoil(notebook):
        cell_of(notebook, "setup").source += "\nimport no_such_module"

    edit(source_of(small_course), spoil)
    assert_red(small_course, "its set-up and solutions do not run: ModuleNotFoundError")


@pytest.mark.parametrize("name", [".secret", "old/01_draft.ipynb"])
def test_hidden_and_nested_files_beside_the_notebooks(small_course, name):
    path = small_course.source / "ps1" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert_red(small_course, f"source/ps1/{name}: is hidden or nested")


def test_a_solution_in_a_free_cell(small_course):
    def misplace(notebook):
        cell_of(notebook, "squared-norm-try").source = "### BEGIN SOLUTION\n1\n### END SOLUTION"

    edit(source_of(small_course), misplace)
    assert_red(small_course, "cell squared-norm-try: holds a SOLUTION region")


def test_a_solution_cell_without_a_region(small_course):
    def forget(notebook):
        cell = cell_of(notebook, "squared-norm")
        cell.source = cell.source.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", "")

    edit(source_of(small_course), forget)
    assert_red(small_course, "cell squared-norm: is a solution cell without a SOLUTION region")


def test_no_marking_scheme(small_course):
    def drop(notebook):
        cell = cell_of(notebook, "derivation")
        cell.source = cell.source.split("### BEGIN MARK SCHEME")[0].strip()

    edit(source_of(small_course), drop)
    assert_red(small_course, "cell derivation: is a task without a MARK SCHEME region")


def test_a_notebook_without_an_answer_key(small_course):
    source_of(small_course).rename(source_of(small_course).with_name("01_cubes.ipynb"))
    assert_red(small_course, "01_cubes.ipynb: There is no answer key 'cubes'")


def test_a_function_nobody_asks_for(small_course):
    def rename(notebook):
        cell = cell_of(notebook, "squared-norm")
        cell.source = cell.source.replace("def squared_norm(", "def norm_squared(")

    edit(source_of(small_course), rename)
    assert_red(
        small_course,
        "the function squared_norm is in the answer key but no solution cell defines it",
        "the function norm_squared has no answer key",
    )


def test_points_that_do_not_add_up(small_course):
    def give_more(notebook):
        cell_of(notebook, "squared-norm-hidden").metadata.nbgrader["points"] = 3

    edit(source_of(small_course), give_more)
    assert_red(
        small_course,
        f"{NOTEBOOK}: has 8 automatic points and 2.5 by hand",
        "cell squared-norm-hidden: is worth 3 points but its test gives 2.5",
    )


# ---------------------------------------------------------------- what was generated


@pytest.mark.long
def test_a_release_that_was_edited(small_course):
    def scribble(notebook):
        cell_of(notebook, "idea").source += "\n\nBy the way."

    edit(small_course.release / "ps1" / NOTEBOOK, scribble)
    assert_red(small_course, f"release/ps1/{NOTEBOOK}, cell idea: differs from the source")


@pytest.mark.long
def test_a_release_that_differs_in_one_byte(small_course):
    harness = small_course.release / "ps1" / "gradcheck.py"
    harness.write_bytes(harness.read_bytes() + b"\n")
    assert_red(small_course, "release/ps1/gradcheck.py: differs from the source")


@pytest.mark.long
def test_a_file_missing_from_the_release_and_one_too_many(small_course):
    folder = small_course.release / "ps1"
    (folder / "gradcheck.py").unlink()
    (folder / "notes.txt").write_text("for staff")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "01-checkpoint.ipynb").write_text("return x @ x")
    assert_red(
        small_course,
        "gradcheck.py: is missing",
        "notes.txt: is not made by the source",
        "01-checkpoint.ipynb: is not made by the source",
    )


LEAKS = {
    "a solution": ("the answer is `return np.dot(x, x)`", "the solution of"),
    "a marking scheme": ("- 0.5 points: collects the entries into the vector $2x$.", "the mark scheme of"),
    "an answer key": ("return 2 * np.abs(np.asarray(x, dtype=float))", "the answer key"),
}


@pytest.mark.long
@pytest.mark.parametrize("line, origin", LEAKS.values(), ids=LEAKS)
def test_a_secret_in_the_text_students_get(small_course, line, origin):
    def leak(notebook):
        cell_of(notebook, "reflection").source += f"\n\n{line}"

    edit(source_of(small_course), leak)
    rebuild(small_course)
    assert_red(small_course, "cell reflection: shows a line of " + origin)


@pytest.mark.parametrize(
    "module, line",
    [
        ("inputs", "return np.sum(np.sin(x)) + np.sum(np.asarray(x) ** 2)"),
        ("reference", "grad[i] = (f(x + step) - f(x - step)) / (2 * h)"),
        ("wrong_complex_steps", "return np.abs(f(x + 1j * h)) / h"),
        ("right_answers", "return np.asarray(value).imag * 1e20"),
    ],
)
def test_a_secret_from_any_part_of_an_answer_key_that_is_a_package(tmp_path, module, line):
    course = find_course(copy_course(tmp_path, problem_set="ps0"))
    (course.release / "ps0" / "notes.txt").write_text(f"{line}\n")
    key = "the answer key autograder.answer_keys.build_the_checker"
    found = [fault.what for fault in nothing_leaks(course, read_problem_set(course.source, "ps0"))]
    assert any(f"{key}.{module}: " in what for what in found), found


def test_a_line_of_a_key_is_a_secret_whatever_is_remarked_on_it():
    source = 'shifted = z - z.max()  # or exp overflows\n# alone\nsign = "# no comment"\n'
    assert [line.rstrip() for line in leaks._code_lines(source)] == [
        "shifted = z - z.max()",
        "",
        'sign = "# no comment"',
    ]


@pytest.mark.long
def test_a_secret_in_another_file(small_course):
    (small_course.source / "ps1" / "data.txt").write_text("# hint\n    return np.dot( x,x )\n")
    rebuild(small_course)
    assert_red(small_course, "release/ps1/data.txt: shows a line of the solution of")


@pytest.mark.long
def test_a_hidden_test_in_another_file(small_course):
    line = 'examine("squared_norm", "squared_norm", squared_norm, points=2.5)'
    (small_course.source / "ps1" / "notes.txt").write_text(f"{line}\n")
    rebuild(small_course)
    assert_red(small_course, "release/ps1/notes.txt: shows a line of the hidden tests of")


@pytest.mark.long
def test_a_marker_in_another_file(small_course):
    (small_course.source / "ps1" / "notes.txt").write_text("### BEGIN SOLUTION\n")
    rebuild(small_course)
    assert_red(small_course, "release/ps1/notes.txt: shows a marker")


@pytest.mark.slow
def test_solutions_that_are_out_of_date(small_course):
    def scribble(notebook):
        cell_of(notebook, "squared-norm").source += "  # checked"

    edit(small_course.solutions / "ps1" / NOTEBOOK, scribble)
    assert_red(small_course, f"solutions/ps1/{NOTEBOOK}: is not what the source produces")


@pytest.mark.slow
def test_solutions_on_another_machine_may_differ_in_pixels_and_last_digits(small_course):
    def run_elsewhere(notebook):
        figure = cell_of(notebook, "picture-code").outputs[0]
        figure.data["image/png"] = figure.data["image/png"][:-40]
        for output in cell_of(notebook, "worked-example-code").outputs:
            if "text" in output:
                output.text = output.text.replace("2.", "2.0000000001")

    edit(small_course.solutions / "ps1" / NOTEBOOK, run_elsewhere)
    code, output = check(small_course)
    assert code == 0, output


# ---------------------------------------------------------------- the tests are fair


@pytest.mark.slow
def test_a_reference_that_is_wrong_for_long_vectors(small_course):
    def spoil(notebook):
        cell = cell_of(notebook, "squared-norm")
        cell.source = cell.source.replace("np.dot(x, x)", "np.dot(x[:6], x[:6])")

    edit(source_of(small_course), spoil)
    rebuild(small_course)
    assert_red(small_course, "cell squared-norm-hidden: the reference solution earns")


@pytest.mark.slow
def test_a_reference_that_grumbles(small_course):
    """What is written to stderr costs points in stock nbgrader."""

    def grumble(notebook):
        cell = cell_of(notebook, "squared-norm")
        cell.source = cell.source.replace(
            "    return np.dot(x, x)",
            "    import sys; print('careful', file=sys.stderr); return np.dot(x, x)",
        )

    edit(source_of(small_course), grumble)
    assert_red(
        small_course,
        "The solution of squared-norm-try does not run cleanly: careful",
    )


@pytest.mark.slow
def test_a_test_that_the_blank_notebook_passes(small_course):
    def soften(notebook):
        cell_of(notebook, "squared-norm-test").source = "# Test: be brave.\nassert squared_norm"

    edit(source_of(small_course), soften)
    rebuild(small_course)
    assert_red(small_course, "cell squared-norm-test: the blank notebook passes")


PLANTED = {
    "a mistake that is none": (
        '@mistake("squared_norm")\ndef harmless(x):\n    """Nothing at all."""\n    return squared_norm(x)\n',
        "the mistake harmless (squared_norm) loses no point",
    ),
    "a right answer that is wrong": (
        '@variant("squared_norm_gradient")\ndef hasty(x):\n    return 3 * x\n',
        "cell squared-norm-gradient-hidden: the right answer hasty (squared_norm_gradient) loses points",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("entry, said", PLANTED.values(), ids=PLANTED)
def test_a_catalogue_that_does_not_fit_the_tests(tmp_path, entry, said):
    copy_course(tmp_path, NOTEBOOK)
    key = tmp_path / "autograder" / "answer_keys" / "squared_norm.py"
    key.write_text(key.read_text() + "\n\n" + entry)
    done = run_course(tmp_path, "check", "ps1", check=False)
    assert done.returncode == 1 and said in done.stdout, done.stdout + done.stderr


def test_the_guards_are_those_planted_against_above():
    """A new guard needs a planted fault of its own in this file, and a line here."""
    assert {guard.__name__ for group in gate.GUARDS for guard in group} == {
        "source_is_canonical",
        "files_are_plain",
        "cells_are_plain_python",
        "ids_are_unique",
        "regions_are_in_place",
        "answer_key_fits",
        "points_add_up",
        "nothing_is_left_to_write",
        "release_is_current",
        "nothing_leaks",
        "nothing_computes_an_answer",  # these three, in test_leaks.py
        "derivations_are_blank",
        "everything_was_looked_at",
        "catalogue_is_marked_right",
        "solutions_are_current",
        "reference_earns_everything",
        "blank_earns_nothing",
    }


def test_a_problem_set_that_is_not_there(small_course):
    shutil.rmtree(small_course.source / "ps1")
    done = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "check", "ps1"])
    assert done.exit_code == 2 and "no problem set" in done.stderr


def test_what_a_scaffold_asks_for_is_written(small_course):
    def leave(notebook):
        cell_of(notebook, "idea").source += "\n\nTO WRITE: a second thought."

    edit(source_of(small_course), leave)
    assert_red(small_course, f"{NOTEBOOK}, cell idea: TO WRITE: a second thought.")


# ---------------------------------------------------------------- material


def with_material(course, name="02_notes.ipynb"):
    """A notebook with nothing to solve, beside the first exercise."""
    source = course.source / "ps1" / NOTEBOOK
    notebook = read_notebook(source)
    notebook.cells = [cell for cell in notebook.cells if cell.id in ("title", "setup", "idea")]
    path = source.with_name(name)
    path.write_text(to_text(notebook), encoding="utf-8")
    return path


@pytest.mark.slow
def test_material_is_released_and_needs_no_answer_key(small_course):
    with_material(small_course)
    build(small_course, "ps1")
    assert (small_course.release / "ps1" / "02_notes.ipynb").is_file()
    assert (small_course.solutions / "ps1" / "02_notes.ipynb").is_file()
    assert not gate.check(small_course, "ps1").problems


@pytest.mark.slow
def test_material_must_not_show_a_solution(small_course):
    path = with_material(small_course)

    def tell(notebook):
        cell_of(notebook, "idea").source += "\n\n    return np.dot(x, x)"

    edit(path, tell)
    build(small_course, "ps1")
    assert_red(small_course, "release/ps1/02_notes.ipynb, cell idea: shows a line of the solution of")


def test_an_exercise_that_lost_its_cells_is_not_taken_for_material(small_course):
    with_material(small_course, "02_linear_form.ipynb")
    assert_red(small_course, "02_linear_form.ipynb: has an answer key, but no cell to solve or to mark")


def test_material_is_kept_canonical(small_course):
    path = with_material(small_course)
    path.write_text(path.read_text().replace("\n", "\n ", 3))
    assert_red(small_course, "02_notes.ipynb: is not in canonical form")


# ---------------------------------------------------------------- waived checks


def alone(function):
    """A check of the first notebook that is the only one to catch some mistake, and that mistake."""
    key = load_key("squared_norm")
    for entry in key.catalogue(key.mistakes, function):
        failed = failed_checks(key.questions[function], entry.answer)
        if len(failed) == 1:
            return failed[0], entry
    raise AssertionError


@pytest.mark.long
def test_a_mistake_that_only_a_waived_check_catches_may_lose_nothing(small_course):
    check_name, entry = alone("squared_norm_gradient")
    with waiving([Waiver(FIRST, entry.function, check_name, "Too strict.")]):
        assert examine("squared_norm", entry.function, entry.answer, 1).points == 1
    write_waivers(small_course.source, {"ps1": (Waiver(FIRST, entry.function, check_name, "Too strict."),)})
    problem_set = read_problem_set(small_course.source, "ps1")
    assert list(gate.catalogue_is_marked_right(small_course, problem_set)) == []
    assert list(gate.release_is_current(small_course, problem_set)) == []
    assert list(gate.files_are_plain(small_course, problem_set)) == []


@pytest.mark.long
def test_a_check_that_refuses_right_answers_is_accepted_once_it_is_waived(small_course, monkeypatch):
    key = load_key("squared_norm")
    question = key.questions["squared_norm"]

    def refused(rng):  # an instance that no answer takes
        return [{"x": "a word"}]

    bad = replace(question.checks[1], draw=refused, instances=({"x": "a word"},))
    checks = (question.checks[0], bad, *question.checks[2:])
    broken = replace(key, questions={**key.questions, "squared_norm": replace(question, checks=checks)})
    for module in ("exam.prove", "exam.examine", "problem_sets.notebooks", "problem_sets.checks"):
        monkeypatch.setattr(sys.modules[f"autograder.{module}"], "load_key", lambda name: broken)
    problem_set = read_problem_set(small_course.source, "ps1")
    said = [fault.what for fault in gate.catalogue_is_marked_right(small_course, problem_set)]
    assert said and "the reference solution earns" in said[0]
    write_waivers(small_course.source, {"ps1": (Waiver(FIRST, "squared_norm", bad.name, "It was broken."),)})
    problem_set = read_problem_set(small_course.source, "ps1")
    assert list(gate.catalogue_is_marked_right(small_course, problem_set)) == []
    prove_tests(problem_set.exercises[0])


def test_a_waiver_of_nothing(small_course):
    write_waivers(small_course.source, {"ps1": (Waiver(FIRST, "squared_norm", "coffee", "Why."),)})
    assert_red(small_course, "source/waivers.toml: waives squared_norm/coffee of 01_squared_norm")


def test_a_waived_check_need_catch_nothing_and_the_certificate_says_so():
    key = load_key("squared_norm")
    waivers = [Waiver(FIRST, name, check.name, "") for name, q in key.questions.items() for check in q.checks]
    question = key.questions["squared_norm"]
    twice = replace(question, checks=(*question.checks, replace(question.checks[0], name="again")))
    doubled = replace(key, questions={"squared_norm": twice})
    assert [record.check for record in certify(doubled).needless] != []
    made = certify(doubled, [*waivers, Waiver(FIRST, "squared_norm", "again", "")])
    assert made.needless == () and all(record.waived for record in made.checks)
    assert "again (waived)" in as_markdown("ps1", [made])
