load_subconfig("course_config.py")  # noqa: F821  nbgrader reads this file name and no other
