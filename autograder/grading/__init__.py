"""A class, graded: each submission on its own, all of them together, and what is kept of it.

In: `grading/submitted/`, a problem set.
Out: one JSON record a submission, the executed notebooks, and the gradebook.

- classroom: `grade_class` grades what is new or changed, and gives `ClassGrades`; `students` lists who is
  known.
- submission: `grade_notebook` grades one notebook and gives a `NotebookGrade`; a `SubmissionGrade` holds
  all of one student, with a digest of each `Part` that its grade depends on. It touches no database.
- changes: `compare` says who gains and who loses by a new grading, by which `CheckChange`s, and why:
  `Changes`, a `Change` each.
- requests: `ask` and `close` write a student's regrade `Request`; `read_requests` reads them.
- seed: `drawn_for` says from what seed a hand-in's hidden tests draw; `course_secret` is what it is made of.
- collected: `Collected` is what the platform said of a hand-in; `read_collected`, `write_collected` keep it,
  in `collected_file`.
- timestamps: `read_timestamp` says when it was handed in, if anybody but the student knows.
- deadlines: `read_deadlines` reads due dates and extensions from the settings and `EXTENSIONS`.
- penalties: `Penalties` is what lateness costs at this moment; `keep_up_to_date` keeps it so in nbgrader's
  own programs.
- points: `cell_grade` reads a `CellGrade` off an executed test cell.
- records: `load`, `load_all` and `as_json` read the records; `UNCONFINED` marks what ran without a sandbox.
- gradebook: the only writer of nbgrader's database; `is_there` says whether there is one; `read_marks` and
  `read_class` give `NotebookMarks`; `as_entered` is the notebook as it was entered.
"""
