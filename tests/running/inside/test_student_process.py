"""An executed notebook looks as nbclient would have left it, cell by cell."""

import re
import warnings

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Limits
from autograder.running.inside import shell
from autograder.running.run import Job

pytestmark = pytest.mark.slow

CELLS = {
    "nothing": "x = 1",
    "a result": "x + 1",
    "the last result": "_ + 1",
    "results by number": "Out[2], In[2], _2, _i",
    "a semicolon hides": "x;",
    "a text": "'a\\nb'",
    "printed": "print('one'); print('two', flush=True)",
    "printed without an end": "import sys\nsys.stdout.write('no newline')",
    "interleaved": (
        "import sys\nfor k in range(3):\n    print('out', k, flush=True)\n"
        "    print('err', k, file=sys.stderr, flush=True)"
    ),
    "an error": "def f(y):\n    return 1 / y\n\nf(0)",
    "an error after an output": "print('before')\nx\nundefined_name",
    "an error with a cause": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('bad') from e"
    ),
    "an error's own text": "class Own(Exception): pass\nraise Own('αβγ')",
    "a syntax error": "def g(:\n    pass",
    "wrong indentation": "  x = 1\n y = 2",
    "an unknown magic": "%no_such_magic",
    "sys.exit": "import sys\nsys.exit(3)",
    "who": "%who",
    "capture": "%%capture caught\nprint('hidden')\n1",
    "captured": "caught.stdout",
    "inline": "%matplotlib inline",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()",
    "a figure left open": "fig, ax = plt.subplots()\nax.plot([1, 4], label='$x_1$')\nax.legend();",
    "a figure as result": "plt.close('all')\nfig",
    "two figures": "plt.figure(); plt.plot([1]); plt.figure(); plt.plot([2]);",
    "rich display": (
        "from IPython.display import HTML, Latex, Markdown, Image, JSON, display\n"
        "display(HTML('<b>b</b>'), Markdown('*m*'))\nLatex('$x$')"
    ),
    "a display of json": "JSON({'a': [1, None]})",
    "a display with metadata": "display({'text/plain': 'p'}, raw=True, metadata={'k': {'v': 1}})",
    "own representations": (
        "class R:\n    def _repr_html_(self): return '<i>r</i>'\n    def _repr_latex_(self): return '$r$'\n"
        "    def __repr__(self): return 'R'\nR()"
    ),
    "a representation that fails": "class B:\n    def _repr_html_(self): raise ValueError('bad')\nB();",
    "a repr that fails": "class C:\n    def __repr__(self): raise ValueError('worse')\nC()",
    "display updates": (
        "h = display('first', display_id='h')\nprint('between')\nh.update('second')\n"
        "from IPython.display import update_display\nupdate_display('third', display_id='h')"
    ),
    "an update from a later cell": "update_display('fourth', display_id='h')",
    "cleared": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "cleared when more comes": "print('gone')\nclear_output(wait=True)\nprint('stays')",
    "cleared when nothing comes": "print('stays')\nclear_output(wait=True)",
    "a warning": "import warnings\nwarnings.warn('careful')",
    "NumPy's warning": "import numpy as np\nnp.array([1.0]) / 0",
    "arrays": "np.arange(6.0).reshape(2, 3) / 7",
    "await": "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "a coroutine": "async def co():\n    print('in co')\n    return 5\nawait co()",
    "a program": "!echo said && echo wrong >&2",
    "a program's lines": "lines = !echo one; echo two\nlines",
    "a captured subprocess": (
        "import subprocess\nsubprocess.run(['echo', 'caught'], capture_output=True, text=True).stdout"
    ),
    "a shell cell": "%%sh\necho from sh",
    "a file cell": "%%writefile note.txt\nhello",
    "reading it": "open('note.txt').read()",
    "help": "f?",
    "the source": "f??",
    "time once": "%%time\npass",
    "precision": "%precision 3\n3.14159265",
    "a thread": (
        "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start(); t.join()"
    ),
    "logging": "import logging\nlogging.getLogger('a').warning('logged')",
    "the name of the module": "__name__",
    "classes know where they are": "f.__module__, Own.__module__",
    "pickles of own classes": (
        "import pickle\npickle.loads(pickle.dumps(R())).__class__.__name__, sys.modules['__main__'].x"
    ),
    "no output at all": "None",
    "set_printoptions": "np.set_printoptions(precision=2)\nnp.array([1 / 3])",
    "a long result": "list(range(1500))",
    "a pager": "from IPython.core import page\npage.page('paged text')",
    "a source of a traceback": "exec('raise KeyError(5)')",
    "recursion": (
        "def deep(n): return deep(n + 1)\ntry:\n    deep(0)\nexcept RecursionError as e:\n    print(e)"
    ),
    "unclosed": "print('unclosed",
    "nan": "float('nan')",
    "history": "%history 1-3",
    "get_ipython": "type(get_ipython()).__name__",
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def normal(text):
    """text without colours, addresses, places of temporary files and times."""
    text = ANSI.sub("", text)
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r"/\S*/ipykernel_\d+/\d+\.py", "<cell>", text)
    text = re.sub(r"\d+(\.\d+)?(e\+\d+)? (ns|µs|μs|us|ms|s)\b", "<time>", text)
    return re.sub(r"-{3,}", "---", text)


def seen(cell):
    """What a reader sees of a cell's outputs, in order.

    Of two streams at once, the order is chance; and where a kernel cuts one text in two, too.
    """
    parts, streams = [], {output.name: "" for output in cell.outputs if output.output_type == "stream"}
    for output in cell.outputs:
        if output.output_type == "stream" and len(streams) == 1:
            before = parts.pop()[1] if parts and parts[-1][0] == output.name else ""
            parts.append((output.name, before + normal(output.text)))
        elif output.output_type == "stream":
            streams[output.name] += normal(output.text)
        elif output.output_type == "error":
            parts.append(("error", output.ename, normal(output.evalue), normal("\n".join(output.traceback))))
        else:
            data = {
                kind: "pixels" if kind.startswith("image/") else normal(str(value))
                for kind, value in output.data.items()
            }
            parts.append((output.output_type, output.get("execution_count"), data, dict(output.metadata)))
    return cell.execution_count, streams, parts


def notebook():
    cells = [new_code_cell(source, id=f"c{k}") for k, source in enumerate(CELLS.values())]
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "P"}})


@pytest.fixture(scope="module")
def both(runner, tmp_path_factory):
    """The notebook as nbclient left it, and as the student's process did."""
    folder = tmp_path_factory.mktemp("kernel")
    stock = notebook()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        NotebookClient(
            stock, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        ).execute()
    done = runner.run(Job(notebook(), new_notebook(), {}, Limits()))
    assert done.status == "graded", done.problem
    nbformat.validate(done.notebook)
    return stock, done.notebook


@pytest.mark.parametrize("number", range(len(CELLS)), ids=CELLS)
def test_a_cell_looks_as_in_a_kernel(both, number):
    stock, ours = (seen(book.cells[number]) for book in both)
    assert ours == stock


@pytest.fixture
def run(runner):
    def cells(*sources, **limits):
        made = [new_code_cell(source, id=f"c{k}") for k, source in enumerate(sources)]
        return runner.run(Job(new_notebook(cells=made), new_notebook(), {}, Limits(**limits)))

    return cells


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_input_is_refused_with_a_sentence(run):
    (cell,) = run("print('before')\ninput('Your name? ')").notebook.cells
    assert printed(cell) == "before\n"
    assert (cell.outputs[-1].ename, cell.outputs[-1].evalue) == ("RuntimeError", shell.NO_INPUT)
    assert not any("_no_input" in line or "NO_INPUT" in line for line in cell.outputs[-1].traceback)


def test_exit_ends_no_later_cell(run):
    """A kernel would be gone; a student would lose what is right below."""
    first, second = run("exit()", "print('still here')").notebook.cells
    assert printed(second) == "still here\n" and not first.outputs


@pytest.mark.parametrize("how", ["os.write(1, b'direct\\n')", "os.system('echo direct')"])
def test_what_is_printed_past_python_is_kept(run, how):
    cells = run(f"import os\n{how};\n1", "print('next')", "%reset -f\nprint('new')").notebook.cells
    assert [printed(cell) for cell in cells] == ["direct\n", "next\n", "new\n"]
    assert [output.output_type for output in cells[0].outputs] == ["stream", "execute_result"]


def test_a_flood_of_displays_is_interrupted_and_later_cells_run(run):
    """The interrupt comes in the middle of a message nearly always."""
    done = run("while True:\n    display('x' * 2000)", "print('next')", seconds_per_cell=1.5)
    assert done.status == "timed-out"
    assert printed(done.notebook.cells[1]) == "next\n"


def test_updates_of_a_display_have_the_same_bound_as_outputs(run):
    flood = (
        "for k in range(100): display(k, display_id='d')\n"
        "for k in range(8): update_display('x' * 1_000_000, display_id='d')"
    )
    done = run("from IPython.display import update_display", flood)
    assert len(str(done.notebook)) < 4_000_000


def test_a_task_that_raises_what_cannot_be_rebuilt_or_caught(run):
    sources = ("def a():\n    raise ExceptionGroup('g', [ValueError(1)])", "raise KeyboardInterrupt", "1 + 1")
    done = run(*sources)
    assert done.status == "graded" and done.notebook.cells[2].outputs[0].data["text/plain"] == "2"
