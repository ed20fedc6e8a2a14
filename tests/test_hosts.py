"""What a new version of a host must still offer, each with what breaks where it does not."""

import inspect

import nbgrader.api
import nbgrader.preprocessors
from nbgrader.converters import Autograde, GenerateAssignment

from autograder import hosts


def test_the_release_chain_is_nbgraders_own_without_the_gradebook():
    names = [step.__name__ for step in hosts.release_chain()]
    assert names == [
        step.__name__ for step in GenerateAssignment().preprocessors if step.__name__ != "SaveCells"
    ]
    for needed in ("LockCells", "ClearSolutions", "ClearHiddenTests", "ClearMarkScheme", "ClearOutput"):
        assert needed in names, f"nbgrader no longer has {needed}: a release would show what it removed"


def test_what_enters_cells_ends_with_saving_them():
    chain = hosts.entering_chain()
    assert chain[-1] is nbgrader.preprocessors.SaveCells
    assert all(hasattr(step, "preprocess") for step in chain)


def test_the_gradebook_has_the_rows_we_write_and_read():
    columns = {
        nbgrader.api.Grade: {"auto_score", "manual_score", "needs_manual_grade", "extra_credit", "cell_id"},
        nbgrader.api.Comment: {"auto_comment", "manual_comment", "cell_id"},
        nbgrader.api.SubmittedNotebook: {"late_submission_penalty", "grades", "comments", "notebook"},
        nbgrader.api.SubmittedAssignment: {"timestamp", "total_seconds_late", "student_id", "notebooks"},
        nbgrader.api.Notebook: {"grade_cells", "task_cells", "solution_cells", "source_cells"},
        nbgrader.api.Student: {"id", "first_name", "last_name"},
    }
    for row, needed in columns.items():
        missing = {name for name in needed if not hasattr(row, name)}
        assert not missing, f"{row.__name__} no longer has {missing}: see grading/gradebook.py"
    for method in ("update_or_create_submission", "find_submission", "find_assignment", "remove_notebook"):
        assert callable(getattr(nbgrader.api.Gradebook, method))
    assert list(inspect.signature(nbgrader.api.Gradebook.__init__).parameters)[1:3] == ["db_url", "course_id"]


def test_the_steps_that_course_config_names_exist(course):
    names = course.config.Autograde.sanitize_preprocessors + course.config.Autograde.autograde_preprocessors
    known = {
        step.__name__ for step in (*Autograde().sanitize_preprocessors, *Autograde().autograde_preprocessors)
    }
    assert known  # what stands there is read from the configuration by name
    for name in names:
        module, _, step = name.rpartition(".")
        assert hasattr(__import__(module, fromlist=[step]), step), name
