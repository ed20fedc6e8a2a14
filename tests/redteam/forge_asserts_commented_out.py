"""Registers an input transformer that comments out every line that starts with assert.

Stock nbgrader: both visible tests pass.
"""

CELLS = {
    "extra first cell": """
def comment_out(lines):
    return [line.replace("assert ", "pass # ", 1) if "assert " in line else line for line in lines]


get_ipython().input_transformers_cleanup.append(comment_out)
"""
}
