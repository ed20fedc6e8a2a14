"""Looks wherever programs are installed for the grader and its answers. Stock nbgrader: it finds them."""

CELLS = {
    "extra first cell": """
import os
import sys

wanted = ("nbgrader", "answer_keys", "squared_norm.py", "gradebook", "course_config", "autograd")
places = (sys.prefix, sys.base_prefix, "/usr/local", "/usr/lib/python3", "/opt", "/root", "/home", "@COURSE@")
for place in places:
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            if name.startswith(wanted):
                print("STOLEN", os.path.join(folder, name))
print(os.listdir(sys.prefix))
"""
}
