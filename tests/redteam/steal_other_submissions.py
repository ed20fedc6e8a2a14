"""Looks for other students' notebooks and reads them. Stock nbgrader: they are there to be read."""

CELLS = {
    "extra first cell": """
import glob
import os

folders = ["@COURSE@/grading", "..", "../..", "/tmp", "/home", "/root"]
for folder in folders:
    for path in glob.glob(folder + "/**/*.ipynb", recursive=True):
        print(path, open(path).read())
print(os.listdir("."), os.listdir("/home"))
"""
}
