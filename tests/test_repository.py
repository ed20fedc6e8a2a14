"""What holds for the repository itself: its lock, its ignored folders, the size of its modules."""

import re
import subprocess

from click.testing import CliRunner

from autograder.cli import main
from autograder.problem_sets.notebooks import read_notebook
from tests.conftest import REPOSITORY


def test_the_lock_is_whole_and_names_no_host():
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert "://" not in lock and "--index" not in lock
    project = (REPOSITORY / "pyproject.toml").read_text()
    for name in re.findall(r'^    "([A-Za-z_-]+)>=', project, re.MULTILINE):
        assert re.search(rf"^{name.replace('_', '-')}==", lock, re.MULTILINE), name
    for entry in re.split(r"\n(?=[a-z])", lock):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_generated_and_private_folders_are_ignored_by_git():
    done = subprocess.run(
        ["git", "check-ignore", "demo/x", "grading/x", ".venv/x"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["demo/x", "grading/x", ".venv/x"]


def test_every_command_explains_itself():
    for command in main.commands:
        done = CliRunner().invoke(main, [command, "--help"])
        assert done.exit_code == 0 and len(done.output.splitlines()[2].strip()) > 20


def test_modules_stay_small():
    for path in (REPOSITORY / "autograder").rglob("*.py"):
        if "answer_keys" not in path.parts:  # content: as long as it needs to be
            limit = 600 if path.name == "gradcheck.py" else 360
            assert len(path.read_text().splitlines()) <= limit, path.name


def test_the_chapters_table_leads_to_cells_that_exist():
    rows = re.findall(r"`(ps\d/\w+)`(?: `([\w-]+)`)?", (REPOSITORY / "docs" / "chapter.md").read_text())
    assert len(rows) > 30
    for name, cell in rows:
        notebook = read_notebook(REPOSITORY / "source" / f"{name}.ipynb")
        assert not cell or cell in {c.id for c in notebook.cells}, (name, cell)
