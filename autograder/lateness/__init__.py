"""When work came in, when it was due, and what being late costs.

In: what the platform said, `course_config.py`, `grading/extensions.csv`, nbgrader's rows.
Out: moments, and points that are taken off.

- collected: `Collected` is what the platform said of a hand-in; `read_collected`, `write_collected` keep it,
  in `collected_file`.
- timestamps: `read_timestamp` says when it was handed in, if anybody but the student knows; `NAME` is the
  file that nbgrader writes it into; `left_by_collect` is all that nbgrader's collect left.
- deadlines: `read_deadlines` reads due dates and extensions from the settings and `EXTENSIONS`;
  `due_in_words` is for students.
- penalties: `Penalties` is what lateness costs at this moment; `keep_up_to_date` keeps it so in nbgrader's
  own programs; `OURS` marks a session that keeps its own.
"""
