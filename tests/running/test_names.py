"""How a test cell finds its names."""

import ast
import dis

import numpy as np
import pytest

from autograder.running.inside.protocol import RemoteError, RemoteFunction
from autograder.running.inside.values import Module, Opaque
from autograder.running.names import Names, modules_imported, names_bound, names_read


class Held:
    """A student's notebook that is a dictionary. It counts how often it is asked."""

    def __init__(self, **names):
        self.names, self.looked = names, []

    def look(self, name):
        self.looked.append(name)
        return name in self.names, self.names.get(name)

    def tell(self, what, *values):
        if what == "assign":
            self.names.update(*values)
        elif values[0] not in self.names:
            raise RemoteError(("KeyError",), "")
        else:
            del self.names[values[0]]


def remote(name):
    return RemoteFunction(None, 0, name, None)


def run(code, notebook, asked=()):
    names = Names(notebook, set(asked), set())
    names["__builtins__"] = __builtins__
    exec(code, names)
    return names


def test_what_tests_define_comes_first():
    names = run("x = 1\ny = x", Held(x=5))
    assert names["y"] == 1


def test_builtins_come_before_the_students_names():
    names = run("total = sum([1, 2])\nsame = print is print", Held(sum=max, print=None))
    assert names["total"] == 3


def test_a_name_the_course_asks_for_is_the_students_even_if_python_has_one():
    names = run("found = sum", Held(sum=remote("sum")), asked=["sum"])
    assert isinstance(names["found"], RemoteFunction)


def test_names_of_the_student_are_found_in_functions_too():
    assert run("def f():\n    return [x for _ in range(2)]\ny = f()", Held(x=5))["y"] == [5, 5]


def test_an_unknown_name_is_a_name_error():
    with pytest.raises(NameError, match="'x' is not defined"):
        run("x", Held())


@pytest.mark.parametrize("name", ["__builtins__", "__name__", "__import__", "__loader__", "__file__"])
def test_names_of_pythons_own_are_never_the_students(name):
    held = Held(**{name: "forged"})
    names = Names(held, set(), set())
    with pytest.raises(KeyError):
        names[name]
    assert held.looked == []


def test_a_value_is_fetched_once_until_the_student_has_run_more():
    held = Held(x=1)
    names = run("a = x + x", held)
    held.names["x"] = 2
    assert names["x"] == 1 and held.looked == ["x"]
    names.look_again()
    assert names["x"] == 2


def test_a_test_may_take_a_function_away_and_put_it_back():
    held = Held(gradient=remote("gradient"))
    try_it = "try:\n    gradient\nexcept NameError:\n    gone = True"
    code = f"kept = gradient\ndel gradient\n{try_it}\ngradient = kept"
    names = run(code, held, asked=["gradient"])
    assert names["gone"] and held.names["gradient"] is names["kept"]


def test_a_name_that_is_nowhere_cannot_be_deleted():
    for asked in ([], ["gradient"]):
        with pytest.raises(NameError):
            run("del gradient", Held(), asked=asked)


def test_only_what_is_asked_for_is_deleted_from_the_students_notebook():
    held = Held(x=1)
    with pytest.raises(NameError):
        run("del x", held)
    assert held.names == {"x": 1}


def test_a_stand_in_for_a_students_function_stays_here():
    held = Held(gradient=remote("gradient"))
    names = run("gradient = lambda x: 2 * x", held, asked=["gradient"])
    assert names["gradient"](2) == 4 and isinstance(held.names["gradient"], RemoteFunction)
    exec("del gradient", names)
    assert isinstance(names["gradient"], RemoteFunction)


def test_a_module_is_our_own_of_that_name():
    names = run("a = np.ones(2)\nb = la.norm(a)", Held(np=Module("numpy"), la=Module("numpy.linalg")))
    assert names["np"] is np and names["b"] == pytest.approx(2**0.5)


@pytest.mark.parametrize("name", ["antigravity", "numpy.no_such", "scipy_forged", "", "..", "os\0"])
def test_a_module_that_is_not_loaded_here_is_opaque(name):
    assert Names(Held(m=Module(name)), set(), set())["m"] == Opaque(f"module {name}")


# ------------------------------------------------------------------ reading cells


def test_names_bound_at_the_top_level():
    code = """
import numpy as np, os.path
from math import pi as π, e
x, (y, *z) = 1, (2, 3)
for k in range(3):
    w = k
with open("f") as handle: pass
def f(a, b=(inner := 1)): local = 1
class C: attribute = 1
async def g(): pass
if (walrus := 1): branch = 2
try: pass
except ValueError as problem: caught = 1
total += 1
lam = lambda q: (r := q)
"""
    found = names_bound([code])
    assert found >= {"np", "os", "π", "e", "x", "y", "z", "k", "w", "handle", "f", "C", "g"}
    assert found >= {"walrus", "branch", "caught", "total", "lam"} and "problem" not in found
    assert not found & {"a", "b", "local", "attribute", "pi", "q", "r"}


def test_magics_and_damaged_cells_are_left_out():
    cells = ["%matplotlib inline\nx = 1\n!ls", "def broken(:", "y = x"]
    assert names_bound(cells) == {"x", "y"} and names_read(cells) == {"x"}


def test_names_read_are_those_mentioned_anywhere():
    assert names_read(["def f(a):\n    return g(a) + h.i\nj = 1"]) == {"a", "g", "h"}


def test_modules_imported():
    cells = ["import numpy as np\nfrom scipy.linalg import solve", "def f():\n    import json.tool"]
    assert modules_imported(cells) == {"numpy", "scipy.linalg", "json.tool"}
    assert modules_imported(["from . import sibling", "from .other import x"]) == set()


def test_the_parsed_names_are_pythons_own_view(problem_set):
    """On the course's own notebooks: what the compiled cell stores, and nothing less."""
    for exercise in problem_set.exercises:
        for cell in exercise.notebook.cells:
            if cell.cell_type != "code" or "%" in cell.source:
                continue
            tree = ast.parse(cell.source)
            code = dis.get_instructions(compile(tree, "cell", "exec"))
            bound = {step.argval for step in code if step.opname == "STORE_NAME"}
            caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)}
            assert names_bound([cell.source]) == bound - caught  # Python forgets those again
