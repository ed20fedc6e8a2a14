"""The doctor: what a machine lacks, and the remedy for it."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import doctor
from autograder.cli import main
from autograder.running import sandbox
from tests.helpers import REPOSITORY


@pytest.fixture
def unknown_machine():
    """What was found out about this machine is forgotten, before a test and after it."""
    found = (sandbox.bwrap_program, sandbox._machine_cannot)
    for fact in found:
        fact.cache_clear()
    yield
    for fact in found:
        fact.cache_clear()


def test_the_doctor_finds_this_machine_well(course):
    done = CliRunner().invoke(main, ["--course-dir", str(REPOSITORY), "doctor"])
    assert done.exit_code == 0, done.output
    assert "✗" not in done.output


@pytest.mark.parametrize("program, seen", [("python", "another/bin/python"), ("gone", "which is not there")])
def test_the_doctor_knows_another_environments_kernel(course, tmp_path, monkeypatch, program, seen):
    other = tmp_path / "another" / "bin"
    other.mkdir(parents=True)
    (other / "python").symlink_to(sys.executable)
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [str(other / program), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "p", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    found = doctor._kernel(course)
    assert seen in found.seen and "-m ipykernel install" in found.remedy


def test_the_doctor_names_a_remedy(course, tmp_path, monkeypatch, unknown_machine):
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = {finding.what: finding for finding in doctor.examine_machine(course)}
    assert "Activate .venv" in findings["alembic"].remedy
    locked = doctor._locked_versions(Path(REPOSITORY / "requirements.lock"))
    assert locked["nbgrader"] == {"0.9.6"}


def test_the_doctor_says_what_is_off_with_names_and_home(course, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/proc/no-home")
    assert "not writable" in doctor._home(course).seen and doctor._home(course).remedy
    monkeypatch.setattr(doctor.sys, "getfilesystemencoding", lambda: "ascii")
    assert "Set LANG=C.UTF-8" in doctor._encoding(course).remedy
    monkeypatch.undo()
    monkeypatch.setattr(doctor.site, "getsitepackages", lambda: [str(tmp_path)])
    monkeypatch.setattr(doctor.sys, "version_info", (3, 11))
    assert doctor._encoding(course).remedy == ""
    (tmp_path / "autograder.pth").write_text("/élan", encoding="utf-8")
    assert "make clean" in doctor._encoding(course).remedy


@pytest.mark.slow
def test_the_doctor_says_whether_there_is_a_sandbox(course, unknown_machine):
    found = doctor._sandbox(course)
    assert found.remedy == "" and Path(found.seen.split()[-1]).is_file()


@pytest.mark.slow
def test_the_doctor_has_a_remedy_where_there_is_none(course, machine_without):
    found = doctor._sandbox(course)
    assert "No permissions to create new namespace" in found.seen
    assert found.remedy.startswith("Allow user namespaces")
