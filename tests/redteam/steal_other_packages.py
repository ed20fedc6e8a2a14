"""Imports what the grader has installed and students have not: graders, tests, what differentiates.

Stock nbgrader: its own environment is the student's.
"""

CELLS = {
    "extra first cell": """
import glob
import importlib
import sys

sys.path += glob.glob("/usr/lib*/python*/*-packages") + glob.glob("/usr/local/lib*/python*/*-packages")
sys.path += glob.glob(sys.prefix + "/lib*/python*/*-packages")
sys.path += glob.glob(sys.base_prefix + "/lib*/python*/*-packages")
for name in ("autograd", "jax", "torch", "tensorflow", "sympy", "nbgrader", "hypothesis", "pip", "psycopg2"):
    try:
        importlib.import_module(name)
        print("STOLEN", name)
    except ImportError as error:
        print(error)
"""
}
