"""One hand-in put together: what counts, what has which name, what is opened."""

from autograder.exchange.collect import collect
from tests.exchange.helpers import (
    FIRST,
    ONE,
    THREE,
    TWO,
    canvas,
    kept_of,
    work_of,
    write_zip,
    zip_bytes,
)


def test_the_newest_upload_of_a_file_counts(bare_course, tmp_path):
    files = ((f"12_{FIRST}", ONE), ("30_01_squared_norm-2.ipynb", THREE), ("20_01_squared_norm-1.ipynb", TWO))
    outcome = collect(bare_course, "ps1", canvas(tmp_path, *files))
    assert work_of(bare_course, "doejane") == {FIRST: THREE} and outcome.kept == 1
    assert kept_of(bare_course, "doejane") == [ONE, TWO] or kept_of(bare_course, "doejane") == [TWO, ONE]


def test_numbered_files_that_are_no_uploads_of_one_are_all_kept(bare_course, tmp_path):
    files = [(f"{n}_exercise-{n}.ipynb", ONE) for n in range(10, 13)] + [
        ("14_plot-1.png", b""),
        ("15_plot-2.png", b"x"),
    ]
    collect(bare_course, "ps1", canvas(tmp_path, *files))
    assert len(work_of(bare_course, "doejane")) == 5


def test_a_file_beside_an_archive_comes_first(bare_course, tmp_path):
    inner = zip_bytes({FIRST: TWO, "other.ipynb": TWO, "gradcheck.py": b"g"})
    collect(bare_course, "ps1", canvas(tmp_path, ("10_ps1.zip", inner), (f"11_{FIRST}", ONE)))
    assert work_of(bare_course, "doejane") == {
        FIRST: ONE,
        f"ps1/{FIRST}": TWO,
        "other.ipynb": TWO,
        "gradcheck.py": b"g",
    }


def test_the_folder_with_the_work_is_brought_up(bare_course, tmp_path):
    inner = zip_bytes(
        {f"all/ps1/{FIRST}": ONE, "all/ps1/data/x.csv": b"x", "all/ps0/00.ipynb": TWO, "readme": b"r"}
    )
    collect(bare_course, "ps1", canvas(tmp_path, ("10_work.ZIP", inner)))
    assert work_of(bare_course, "doejane") == {
        FIRST: ONE,
        "data/x.csv": b"x",
        "all/ps0/00.ipynb": TWO,
        "readme": b"r",
    }


def test_what_is_brought_up_pushes_nothing_aside(bare_course, tmp_path):
    part = "Jane_1_assignsubmission_file"
    entries = {
        f"{part}/readme": ONE,
        f"{part}/a/b/readme": TWO,
        f"{part}/a/b/{FIRST}": ONE,
        f"{part}/a/b/x/y": ONE,
    }
    assert not collect(bare_course, "ps1", write_zip(tmp_path / "d.zip", entries)).refused
    assert work_of(bare_course, "Jane") == {"readme": ONE, "a/b/readme": TWO, FIRST: ONE, "x/y": ONE}


def test_of_two_archives_the_newest_has_the_names(bare_course, tmp_path):
    files = [("10_a.zip", zip_bytes({FIRST: ONE})), ("11_b.zip", zip_bytes({FIRST: TWO}))]
    collect(bare_course, "ps1", canvas(tmp_path, *files))
    assert work_of(bare_course, "doejane") == {FIRST: TWO, f"a/{FIRST}": ONE}


def test_a_compressed_file_of_data_is_work_as_any_other(bare_course, tmp_path):
    download = canvas(tmp_path, ("1_01_squared_norm.ipynb", ONE), ("2_data.csv.gz", b"\x1f\x8b"))
    assert not collect(bare_course, "ps1", download).refused
    assert work_of(bare_course, "doejane") == {FIRST: ONE, "data.csv.gz": b"\x1f\x8b"}
