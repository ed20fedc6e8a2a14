"""Replaces the display hook's formatter: every result shows as the number of points of its cell.

Stock nbgrader: all points of both hidden tests.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
import re

hook = get_ipython().displayhook
honest = hook.compute_format_data


def full_points(result):
    points = re.search(r"points=([0-9.]+)", get_ipython().user_ns["In"][-1])
    return ({"text/plain": points[1]}, {}) if points else honest(result)


hook.compute_format_data = full_points
"""
}
