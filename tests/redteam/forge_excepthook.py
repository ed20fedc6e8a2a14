"""Sets sys.excepthook to a function that shows nothing. Stock nbgrader: nothing, IPython has its own."""

CELLS = {
    "extra first cell": """
import sys
import threading

sys.excepthook = threading.excepthook = lambda *args: None
"""
}
