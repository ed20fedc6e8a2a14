"""Shows one display 200 times and then updates it to 10 MB, 200 times over.

Stock nbgrader: a notebook of 2 GB.
"""

CELLS = {
    "extra first cell": """
from IPython.display import display, update_display

for _ in range(190):
    display("x", display_id="same")
update_display({"text/plain": "y" * 10_000_000}, display_id="same", raw=True)
"""
}
