"""What was proven is not proven again, until something changes that a proof depends on."""

import pytest

from autograder.problem_sets.notebooks import read_problem_set
from autograder.releasing import gate
from autograder.releasing.proven import FILE_NAME, Proven
from tests.helpers import FIRST


def proven(course, folder="notes"):
    return Proven(course, read_problem_set(course.source, "ps1"), course.root / folder if folder else None)


def test_a_note_holds_for_the_same_content_and_proof(small_course):
    assert not proven(small_course).is_known("it holds")
    proven(small_course).note("it holds")
    assert proven(small_course).is_known("it holds")
    assert not proven(small_course).is_known("it holds too")
    assert not proven(small_course, "elsewhere").is_known("it holds")


@pytest.mark.parametrize(
    "name",
    [
        *(f"{folder}/ps1/{FIRST}.ipynb" for folder in ("source", "release", "solutions")),
        *("source/ps1/more.csv", "course_config.py", "requirements.lock"),
    ],
)
def test_a_note_is_void_once_a_file_changes(small_course, name):
    proven(small_course).note("it holds")
    with (small_course.root / name).open("a") as file:
        file.write("\n# changed\n" if name.endswith(".py") else "\n")
    assert not proven(small_course).is_known("it holds")


def test_a_note_is_void_once_the_package_or_a_version_changes(small_course, monkeypatch):
    proven(small_course).note("it holds")
    monkeypatch.setattr("autograder.releasing.proven.shared_parts", lambda *args: {"grader": "another"})
    assert not proven(small_course).is_known("it holds")


def test_what_somebody_edits_meanwhile_is_not_noted(small_course):
    path = small_course.source / "ps1" / f"{FIRST}.ipynb"
    before, proving = path.read_text(), proven(small_course)
    path.write_text(before + "\n")
    proving.note("it holds")
    path.write_text(before)
    assert not proven(small_course).is_known("it holds")


def test_a_note_is_of_what_was_made_with_it(small_course):
    proven(small_course).note("it holds", "a table")
    assert proven(small_course).is_known("it holds", "a table")
    assert not proven(small_course).is_known("it holds", "a table that somebody edited")


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"ps1: it holds": 1}', "\udc80", pytest.param("[" * 200_000, id="deep")]
)
def test_a_damaged_file_of_notes_is_none(small_course, content):
    path = small_course.root / "notes" / FILE_NAME
    path.parent.mkdir()
    path.write_text(content, errors="surrogateescape")
    assert not proven(small_course).is_known("it holds")
    proven(small_course).note("it holds")
    assert proven(small_course).is_known("it holds")


def test_without_a_folder_nothing_is_known(small_course):
    proven(small_course, None).note("it holds")
    assert not proven(small_course, None).is_known("it holds")


def test_the_gate_tries_again_only_what_is_not_noted(small_course, monkeypatch):
    tried = []

    def guard(name, *faults):
        def found(course, problem_set, *runs):
            tried.append(name)
            return list(faults)

        found.__name__, found.__doc__ = name, f"{name}."
        return found

    cheap, proof, red = guard("cheap"), guard("proof"), guard("red", gate.Fault("here", "is wrong."))
    monkeypatch.setattr(gate, "GUARDS", ((cheap,), (proof, red)))
    monkeypatch.setattr(gate, "PROOFS", (proof, red))
    monkeypatch.setattr(gate, "RUN_NOTEBOOKS", ())
    notes = small_course.root / "notes"
    first, second = (gate.check(small_course, "ps1", noted=notes) for _ in range(2))
    assert first == second and first.passed == ("cheap", "proof") and len(first.problems) == 1
    assert tried == ["cheap", "proof", "red", "cheap", "red"]
    tried.clear()
    assert gate.check(small_course, "ps1", proofs=False).passed == ("cheap",) and tried == ["cheap"]
    tried.clear()
    gate.check(small_course, "ps1")
    assert tried == ["cheap", "proof", "red"]
