"""Which packages a student's process sees, however Python was installed."""

import os
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import nbformat
import pytest

from autograder.course import Limits
from autograder.running import libraries
from autograder.running.run import Job
from tests.helpers import REPOSITORY

LOOK = """
import importlib, os, sys
for name in ("numpy", "matplotlib.pyplot", "mpl_toolkits.mplot3d", "IPython", "ipykernel", "PIL", "pylab"):
    importlib.import_module(name)
for name in ("autograd", "nbgrader", "autograder", "hypothesis", "jupyterlab", "sympy", "pip"):
    try:
        importlib.import_module(name)
        print(name)
    except ImportError:
        pass
folders = [path for path in sys.path if path.endswith("-packages")]
print(*(name for folder in folders for name in os.listdir(folder)))
print(*(folder for folder in (*folders, sys.prefix) if os.access(folder, os.W_OK)))
"""
OUTSIDE = """
import json, sys
from autograder.running import sandbox
print(sandbox.why_not(sandbox.PACKAGE))
box = sandbox.Sandbox()
box.wait()
from autograder.course import Limits
student = box.student(Limits())
from autograder.running.inside.protocol import Peer
peer = Peer(student.connection)
said = []
peer.on_event = lambda event: said.append(json.loads(event)[1].get("text", ""))
peer.ask("run", sys.argv[1], 1)
print("".join(said))
student.close()
box.close()
"""


@pytest.mark.slow
def test_a_student_sees_what_a_notebook_needs_and_nothing_else(runner):
    cell = nbformat.v4.new_code_cell(LOOK)
    done = runner.run(Job(nbformat.v4.new_notebook(cells=[cell]), nbformat.v4.new_notebook(), {}, Limits()))
    assert done.status == "graded"
    names, writable = "".join(output.text for output in done.notebook.cells[0].outputs).split("\n")[:2]
    here = {path.name for path in libraries.needed() if path.parent.name != "__pycache__"}
    assert set(names.split()) - {"__pycache__"} == here and {"numpy", "zmq"} < here
    assert not [name for name in here if name.endswith(".pth")]
    assert writable == ""


@pytest.mark.slow
def test_it_works_in_an_environment_with_any_name_whose_packages_are_links(tmp_path):
    """Also below /tmp, where every student has a folder of their own."""
    prefix = tmp_path / "été à la mer"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    (packages,) = prefix.glob("lib/python*/site-packages")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.suffix != ".pth" and path.name != "__pycache__":
            (packages / path.name).symlink_to(path)
    done = subprocess.run(
        [str(prefix / "bin" / "python"), "-c", OUTSIDE, LOOK],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    refused, names, writable = done.stdout.split("\n")[:3]
    assert refused == "" and writable == "" and "numpy" in names and "hypothesis" not in names


def made(folder, name, record=None, top_level=None, requires=()):
    """A distribution's own files, as installers leave them; with or without their lists."""
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    lines = [f"Name: {name}", "Version: 1", *(f"Requires-Dist: {each}" for each in requires)]
    (info / "METADATA").write_text("\n".join(lines))
    if record is not None:
        (info / "RECORD").write_text(record)
    if top_level is not None:
        (info / "top_level.txt").write_text(top_level)
    return metadata.PathDistribution(info)


def test_what_a_package_installed_is_read_from_its_list(tmp_path):
    record = (
        '"odd, name/x.py",sha256=a,1\none.py,,\n__pycache__/one.cpython-311.pyc,,\nx-1.dist-info/RECORD,,\n'
        "../../../bin/x,,\n/etc/x,,\n"
    )
    found = libraries._top_level(made(tmp_path, "x", record))
    assert found == {"odd, name", "one.py", "__pycache__/one.cpython-311.pyc", "x-1.dist-info"}


def test_what_has_no_list_is_found_by_its_names(tmp_path):
    found = libraries._top_level(made(tmp_path, "Py-Thing", None, "_thing\nthing\n"))
    assert {"Py-Thing", "py_thing", "py_thing.py", "_thing", "thing", "Py-Thing-1.dist-info"} < found


def test_what_is_required_is_followed_also_by_extras_and_not_beyond_their_conditions(tmp_path, monkeypatch):
    made(tmp_path, "a", "", requires=["b[more]>=1", 'c; python_version < "3"', 'd; extra == "all"', "none"])
    made(tmp_path, "b", "", requires=['e; extra == "more"', "a"])
    for name in "cde":
        made(tmp_path, name, "")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(libraries, "PACKAGES", ("a",))
    assert {distribution.name for distribution in libraries._required()} == {"a", "b", "e"}
