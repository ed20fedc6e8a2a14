"""Hands in symbolic links to what it may not read, and one to itself. Stock nbgrader: it follows them."""


def hand_in(folder):
    course = folder.parent.parent.parent.parent
    notebook = folder / "01_squared_norm.ipynb"
    notebook.unlink()
    notebook.symlink_to(course / "solutions" / "ps1" / notebook.name)
    (folder / "key.py").symlink_to(course / "autograder" / "answer_keys" / "squared_norm.py")
    (folder / "everything").symlink_to("/")
    (folder / "round").symlink_to(folder)
