"""The docs cannot lie: what the code has is documented, and what the docs name is there."""

import ast
import functools
import importlib
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import click
import pytest

from autograder.cli import main
from autograder.course import Limits
from autograder.pages.feedback_page import STATUS
from autograder.running.outputs import Status
from docs import house, reference
from tests.helpers import REPOSITORY

PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")])
FILE_ENDINGS = ("py", "md", "toml", "lock", "cfg", "cff", "yaml", "svg", "png", "html", "css", "ipynb")
# Paths that a course, a build or a machine makes; they are not in the repository.
MADE_LATER = r"source/waivers\.toml|grading/|downloads/|demo/|dist/|releases/|\.venv|ps1[-.]|index\.html|/|~"


def code_of(text: str) -> list[str]:
    """What a page sets as code: each span in backticks, each line of a fenced block without its remark."""
    fences = re.findall(r"(?ms)^ *```\w*\n(.*?)^ *```", text)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^ *```.*?^ *```", "", text))
    lines = [re.split(r"\s+#|^#", line)[0].strip() for fence in fences for line in fence.splitlines()]
    return [*spans, *filter(None, lines)]


def prose_of(text: str) -> str:
    return re.sub(r"`[^`\n]+`", "", re.sub(r"(?ms)^ *```.*?^ *```", "", text))


def options_of(command: click.Command) -> set[str]:
    named = {name for parameter in command.params for name in parameter.opts if name.startswith("-")}
    return named | {"--help", "-h"}


def commands() -> dict[str, click.Command]:
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


# ------------------------------------------------------------------ what the code has is documented


def test_the_reference_page_is_what_the_code_says():
    written = reference.PAGE.read_text(encoding="utf-8")
    assert written == reference.render(), "Run `python -m docs.reference`."


def test_the_reference_page_has_every_command_option_limit_status_and_exit_code():
    """Read from the code once more, in other ways than docs/reference.py does."""
    written = reference.PAGE.read_text(encoding="utf-8")
    for name, command in commands().items():
        section = re.search(rf"(?ms)^### course {name}\n(.*?)(?=^##)", written)
        assert section, name
        assert all(option in section[1] for option in options_of(command) - {"--help", "-h"}), name
    for limit in fields(Limits):
        assert f"| `c.Limits.{limit.name}` |" in written
    for status in STATUS:
        assert f"| `{status}` |" in written and status in set(Status)
    assert {0, 1, 2} == set(reference.EXIT_CODES)
    assigned = re.findall(r"^(c\.\w+\.\w+) =", reference.CONFIG.read_text(), re.MULTILINE)
    assert len(assigned) > 15 and all(f"| `{name}` |" in written for name in assigned)


def test_what_has_no_sentence_is_no_page(monkeypatch):
    monkeypatch.setitem(reference.STATUS, "lost", "lost")
    with pytest.raises(reference.Undocumented, match="the status lost"):
        reference.render()
    monkeypatch.delitem(reference.STATUS, "lost")
    monkeypatch.delitem(reference.FIELDS, "score")
    with pytest.raises(reference.Undocumented, match="the field score"):
        reference.render()


def test_a_setting_is_described_beside_it_or_above_it():
    assert reference.settings("c.A.b = 1  # first\n# second\nc.A.c = [\n    'x',  # not this\n]\n") == [
        ("c.A.b", "`1`", "first"),
        ("c.A.c", "`x`", "second"),
    ]
    for silent in ("c.A.b = 1\n", "# ---- part ----\nc.A.b = 1\n", "x = 1  # other\nc.A.b = 1\n"):
        with pytest.raises(reference.Undocumented, match=r"c\.A\.b"):
            reference.settings(silent)


def test_a_command_and_an_option_without_help_are_no_page():
    silent = click.Group("course", commands=[click.Command("dance")], help="Words.")
    with pytest.raises(reference.Undocumented, match="course dance"):
        list(reference._below("course", silent, click.Context(silent)))
    option = click.Command("dance", params=[click.Option(["--fast"])])
    with pytest.raises(reference.Undocumented, match="--fast"):
        list(reference.options("course dance", option, click.Context(option)))


# ------------------------------------------------------------------ what the docs name is there


def wrong_commands(text: str) -> list[str]:
    """Commands and options of `course`, settings, make targets and Python modules that are not there."""
    known = commands()
    wrong = []
    every_option = set().union(*map(options_of, [main, *known.values()]))
    targets = set(re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    settings = {name for name, _, _ in reference.settings()} | {f"c.Limits.{f.name}" for f in fields(Limits)}
    for code in code_of(text):
        words = code.split()
        words[0] = words[0].removeprefix(".venv/bin/")
        if words[0] == "course" and len(words) > 1:
            rest = words[3:] if words[1] == "--course-dir" else words[1:]
            name = next((word for word in rest if not word.startswith("-")), None)
            wrong += [code] if name and name not in known else []
            allowed = options_of(main) | (options_of(known[name]) if name in known else set())
            wrong += [w for w in words if w.startswith("--") and w.split("=")[0] not in allowed]
        elif words[0].startswith("--"):
            wrong += [code] if words[0].split("=")[0] not in every_option else []
        elif words[0] == "make":
            wrong += [w for w in words[1:] if "=" not in w and w != "…" and w not in targets]
        for setting in re.findall(r"\b(?:c\.[A-Z]\w*|Limits)(?:\.\w+)?", code):
            full = setting if setting.startswith("c.") else f"c.{setting}"
            wrong += (
                [] if any(name == full or name.startswith(f"{full}.") for name in settings) else [setting]
            )
        for module in re.findall(r"python -m ([\w.]+)", code):
            ours = module.split(".")[0] in ("autograder", "benchmarks", "docs", "tests")
            there = (REPOSITORY / (module.replace(".", "/") + ".py")).exists() or module == "autograder"
            wrong += [module] if ours and not there else []
    return wrong


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"(?ms)^ *```.*?^ *```", "", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(text: str, page: Path) -> list[str]:
    """Relative links, pictures and anchors that lead nowhere."""
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(text)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = page.parent / file if file else page
        if not there.exists() or (anchor and anchor not in slugs(there)):
            dead.append(target)
    return dead


TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=REPOSITORY,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()


def missing_files(text: str) -> list[str]:
    """Paths in backticks that no file of the repository has: whole, below a wing, or a bare file name."""
    there = {path for path in TRACKED if (REPOSITORY / path).exists()}
    folders = {str(parent) for path in there for parent in Path(path).parents}
    missing = []
    for code in code_of(text):
        path = code.removesuffix("…")
        ending = path.rsplit(".", 1)[-1]
        is_path = re.fullmatch(r"[\w.*<>-]+(?:/[\w.*<>-]+)*/?", path) and (
            "/" in path or ending in FILE_ENDINGS
        )
        if not is_path or re.match(MADE_LATER, path):
            continue
        open_ended = re.sub(r"<\w+>|\*", "[^/]*", re.sub(r"([.+])", r"\\\1", path.rstrip("/")))
        pattern = re.compile(rf"(?:.*/)?{open_ended}(?:\.ipynb)?")
        if not any(pattern.fullmatch(name) for name in (folders if path.endswith("/") else there | folders)):
            missing.append(path)
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    outside = re.sub(r"(?ms)^ *```.*?^ *```", "", text)
    assert [line for line in outside.splitlines() if line.count("`") % 2] == [], "a span breaks over a line"
    assert wrong_commands(text) == []
    assert dead_links(text, page) == []
    assert missing_files(text) == []


@pytest.mark.parametrize(
    "find, planted",
    [
        (wrong_commands, "Run `course dance ps1`."),
        (wrong_commands, "Run `course grade ps1 --fast`."),
        (wrong_commands, "```sh\ncourse build ps1 --json -  # a remark\n```"),
        (wrong_commands, "`--fast` does it."),
        (wrong_commands, "Set `c.Limits.patience`, or `Limits.seconds_per_cells`."),
        (wrong_commands, "Set `c.Patience.seconds = 3`."),
        (wrong_commands, "`make coffee`"),
        (wrong_commands, "`.venv/bin/python -m benchmarks.coffee`"),
        (missing_files, "See `pages/coffee.py`."),
        (missing_files, "| `coffee.py` | a table |"),
        (missing_files, "See `autograder/coffee/`."),
        (missing_files, "See `ps1/07_coffee`."),
        (missing_files, "See `leaks.md`."),
        (lambda text: dead_links(text, REPOSITORY / "README.md"), "[there](docs/coffee.md)"),
        (lambda text: dead_links(text, REPOSITORY / "README.md"), "[there](docs/reference.md#coffee)"),
    ],
)
def test_a_planted_lie_is_found(find, planted):
    assert find(planted)


@pytest.mark.parametrize(
    "find, honest",
    [
        (
            wrong_commands,
            "`course --course-dir X grade ps1 --student ID`, `--workers N`, `make PYTHON=python3.12 …`",
        ),
        (
            wrong_commands,
            "`c.Limits`, `c.Limits.processes`, `Limits.processes = 3`, `python -m docs.reference`",
        ),
        (missing_files, "`leaks.py`, `pages/feedback.py`, `ps1/00_primer`, `autograder/pages/`"),
        (missing_files, "`source/ps1/*.ipynb`, `autograder/answer_keys/<name>.py`, `grading/gradebook.db`"),
        (lambda text: dead_links(text, REPOSITORY / "README.md"), "[there](docs/reference.md#exit-codes)"),
    ],
)
def test_an_honest_line_passes(find, honest):
    assert find(honest) == []


# ------------------------------------------------------------------ each wing says what it is

imports = functools.cache(house.imports)
drawn = functools.cache(house.draw)
# Of answer keys the modules are content: a new exercise edits no other file. Commands are a door.
WINGS = sorted(house.wings() - {"answer_keys", "commands"})


def told_of(wing: str) -> dict[str, list[str]]:
    """The modules that a wing's docstring lists, each with the names in backticks beside it."""
    told = ast.get_docstring(ast.parse((house.PACKAGE / wing / "__init__.py").read_text())) or ""
    items = re.findall(r"(?ms)^- (\w+): (.*?)(?=^- |\Z)", told)
    return {module: re.findall(r"`(\w+)`", text) for module, text in items}


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_names_its_modules_and_what_they_offer(wing):
    told = told_of(wing)
    assert sorted(told) == sorted(house.rooms()[wing])
    for module, names in told.items():
        loaded = importlib.import_module(f"autograder.{wing.replace('/', '.')}.{module}")
        assert [name for name in names if not hasattr(loaded, name)] == []


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_names_whatever_others_use_of_it(wing):
    told, missing = told_of(wing), set()
    for one in imports():
        within = house.room_of(one.module) == wing != house.room_of(one.importer)
        module = one.module.split(".")[-1]
        if within and one.name and one.name not in told.get(module, ()):
            missing.add(f"{module}: {one.name}, which {one.importer} uses")
    assert missing == set()


def test_a_wing_says_what_comes_in_and_what_goes_out():
    for wing in house.wings():
        told = ast.get_docstring(ast.parse((house.PACKAGE / wing / "__init__.py").read_text())) or ""
        assert re.search(r"(?m)^In: .+", told) and re.search(r"(?m)\bOut: .+", told), wing


def test_maintainers_find_every_module():
    text = (REPOSITORY / "docs" / "maintainers.md").read_text(encoding="utf-8")
    modules = {module for wing in WINGS for module in house.rooms()[wing]}
    beside = {path.stem for path in house.PACKAGE.glob("[a-z]*.py")} - {"plugin"}  # an old name
    assert len(modules) > 30 and [m for m in sorted(modules | beside) if f"{m}.py`" not in text] == []


def test_the_inside_imports_nothing_of_ours_from_outside():
    assert {one.module for one in imports() if house.room_of(one.importer) == "running/inside"} <= {
        f"running.inside{end}" for end in ("", *(f".{name}" for name in house.rooms()["running/inside"]))
    }
    body = ast.parse((house.PACKAGE / "running" / "inside" / "__init__.py").read_text()).body
    assert len(body) == 1 and isinstance(body[0], ast.Expr)


# ------------------------------------------------------------------ the picture of the house

# Wings beside each other do not know each other.
STOREYS = (
    {"commands"},
    {"analysis"},
    {"exchange", "pages", "releasing"},
    {"grading"},
    {"exam", "running", "answer_keys", "searching", "lateness"},
    {"problem_sets", "running/inside"},
)


def test_the_picture_is_of_this_package():
    assert house.PICTURE.read_text(encoding="utf-8") == drawn(), "Run `python -m docs.house`."


def test_every_arrow_of_the_picture_leads_downwards():
    picture = drawn()
    paths = re.findall(r'<path class="way"[^>]* d="([^"]+)"', picture)
    assert len(paths) > 10
    for path in paths:
        heights = [float(y) for y in re.findall(r"[\d.]+ ([\d.]+)(?= [CV]|$)", path)]
        assert len(heights) >= 2 and heights == sorted(heights)
    assert picture.count('class="floor"') <= 9


def test_a_wing_imports_only_what_stands_below_it():
    storey = {wing: number for number, wings in enumerate(STOREYS) for wing in wings}
    below = house.arrows()
    assert set(storey) == house.wings()
    for wing, others in below.items():
        for other in others & set(storey):
            assert wing not in storey or storey[wing] < storey[other], f"{wing} imports from {other}"
    foundation = {
        "course",
        "errors",
        "files",
        "gradcheck",
        "derivation",
        "hosts",
        "startup",
        "stopping",
        "tables",
    }
    assert all(not below[room] & (set(below) - foundation) for room in foundation)
    assert max(house.floors(below).values()) <= 9


def test_rooms_in_a_circle_are_no_house(tmp_path):
    with pytest.raises(house.Cycle, match="one → two → one"):
        house.floors({"one": {"two"}, "two": {"one"}})
    package = tmp_path / "autograder"
    for name, text in {
        "one/__init__.py": "",
        "one/a.py": "def later():\n    from autograder.two import b\n    return b.thing",
        "two/__init__.py": "",
        "two/b.py": "from ..one.a import later as other\nimport autograder.three",
        "three.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from autograder import two",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    assert house.arrows(package) == {"one": {"two"}, "two": {"one", "three"}, "three": {"two"}}
    assert house.Import("one.a", "two.b", "thing") in house.imports(package)
