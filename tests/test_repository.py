"""What holds for the repository itself: its lock, its ignored folders, the size of its modules."""

import re
import subprocess
import tomllib

import yaml
from click.testing import CliRunner

from autograder.cli import main
from autograder.problem_sets.notebooks import read_notebook
from tests.helpers import REPOSITORY
from tests.test_docs import wrong_commands


def test_the_lock_is_whole_and_names_no_host():
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert "://" not in lock and "--index" not in lock
    project = (REPOSITORY / "pyproject.toml").read_text()
    for name in re.findall(r'^    "([A-Za-z0-9_-]+)>=', project, re.MULTILINE):
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


def test_make_help_lists_every_target_with_a_line_each():
    text = (REPOSITORY / "Makefile").read_text()
    targets = re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE)
    done = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert re.findall(r"^make (\S+) {2,}\S", done.stdout, re.MULTILINE) == targets
    assert set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split()) == set(targets)


def test_hooks_are_local_and_call_commands_that_exist():
    (repository,) = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system" and wrong_commands(f"`{hook['entry']}`") == []


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert citation["version"] == project["version"]
    assert (
        f"## [{project['version']}] - {citation['date-released']}"
        in (REPOSITORY / "CHANGELOG.md").read_text()
    )


def test_every_command_explains_itself():
    for command in main.commands:
        done = CliRunner().invoke(main, [command, "--help"])
        assert done.exit_code == 0 and len(done.output.splitlines()[2].strip()) > 20


def test_modules_stay_small():
    for path in (REPOSITORY / "autograder").rglob("*.py"):
        if "answer_keys" not in path.parts:  # content: as long as it needs to be
            travels = {"gradcheck.py": 750, "derivation.py": 5000}  # each one file, for that
            limit = travels.get(path.name, 400)
            assert len(path.read_text().splitlines()) <= limit, path.name


def test_the_chapters_table_leads_to_cells_that_exist():
    rows = re.findall(r"`(ps\d/\w+)`(?: `([\w-]+)`)?", (REPOSITORY / "docs" / "chapter.md").read_text())
    assert len(rows) > 30
    for name, cell in rows:
        notebook = read_notebook(REPOSITORY / "source" / f"{name}.ipynb")
        assert not cell or cell in {c.id for c in notebook.cells}, (name, cell)
