"""Opens and imports the answer key. Stock nbgrader: it is read, and the next attempt is right."""

CELLS = {
    "extra first cell": """
import glob
import sys

sys.path += ["@COURSE@", "/course"]
for folder in ("@COURSE@", "/course"):
    for path in glob.glob(folder + "/**/*.py", recursive=True):
        print(open(path).read())
try:
    import autograder.answer_keys.squared_norm as key

    print(open(key.__file__).read())
except ImportError as error:
    print(error)
"""
}
