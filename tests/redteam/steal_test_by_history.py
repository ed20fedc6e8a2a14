"""Prints In[-1] and the history from inside a tested function: the hidden test, as it runs.

Stock nbgrader: the hidden test stands in the student's feedback.
"""

CELLS = {
    "extra first cell": """
found = []


def look(x):
    shell = get_ipython()
    found.extend([shell.user_ns["In"][-1], str(shell.user_ns["Out"])])
    found.extend(map(str, shell.history_manager.get_range()))
    print(found[-1])
    return 1.0
""",
    "squared_norm": "squared_norm = look",
    "squared_norm_gradient": "squared_norm_gradient = look",
    "extra last cell": "print(*found)",
}
