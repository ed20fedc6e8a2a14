"""Shows, from inside a tested function, what a passed test shows: marks, a number, a cleared output.

Stock nbgrader: nothing, it reads the results only.
"""

CELLS = {
    "extra first cell": """
from IPython.display import clear_output, publish_display_data

MARKS = {"function": "f", "points": 4.0, "max_points": 4.0, "verdicts": [], "explanation": None}


def forge():
    for media in ("application/vnd.course.marks+json", "APPLICATION/VND.COURSE.MARKS+JSON"):
        publish_display_data({"text/plain": "4.0", media: MARKS})
    publish_display_data({"text/plain": "4.0"}, transient={"display_id": "1"}, update=True)
    get_ipython().displayhook(4.0)
    clear_output()
""",
    "squared_norm": "def squared_norm(x):\n    forge()\n    return 1.0",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    forge()\n    return np.ones(len(x))",
}
