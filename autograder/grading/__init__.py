"""A class, graded: each submission on its own, all of them together, and what is kept of it.

In: `grading/submitted/`, a problem set.
Out: one JSON record a submission, the executed notebooks, and the gradebook.

- classroom: `grade_class` grades what is new or changed, and gives `ClassGrades`; `students` lists who is
  known; `alone` holds the grading folder for one run; `is_a_name` says who can be called what;
  `enter_amended` enters a problem set whose cells came or went.
- graders: a `Grader` grades in processes beside this one, or elsewhere; `run` has it go through many.
- cluster: a `Cluster` is a Dask scheduler, with those workers that have proved themselves.
- addresses: which of a cluster's are safe to talk to.
- dispatch: which of them grades what, and what becomes of a submission whose worker is lost.
- parcels: a submission as bytes, and what came of it.
- remote: what is called on a Dask worker.
- submission: `grade_notebook` grades one notebook and gives a `NotebookGrade`; a `SubmissionGrade` holds
  all of one student, with a digest of each `Part` that its grade depends on. It touches no database.
  `fingerprint` tells of all that a grade depends on; `shared_parts` is that of all but the hand-in, and
  `digest_of` makes one text of such parts.
- changes: `compare` says who gains and who loses by a new grading, by which `CheckChange`s, and why:
  `Changes`, a `Change` each.
- requests: `ask` and `close` write a student's regrade `Request`; `read_requests` reads them.
- seed: `drawn_for` says from what seed a hand-in's hidden tests draw; `course_secret` is what it is made of.
- ignored: `find_ignored` says what lies beside the submissions and is `Ignored`, and `Why`.
- points: `cell_grade` reads a `CellGrade` off an executed test cell.
- records: `load`, `load_all` and `as_json` read the records; `UNCONFINED` marks what ran without a sandbox;
  `state` tells of which marks a page is.
- backups: `keep_snapshot` keeps the gradebook before a command changes it; `snapshots` are what was kept,
  each a `Snapshot`; `restore` puts one in the gradebook's place.
- entering: `enter` enters a submission.
- gradebook: the only writer of nbgrader's database, with the module before and the one after it; `is_there`
  says whether there is one; `read_marks` and `read_class` give `NotebookMarks`; `Entered` are the points it
  holds; `as_entered` is the notebook as it was entered; `read_enrolled` gives an `Enrolled` for each student.
- cells: what becomes of rows whose cells came or went; a `HandMark` is what a person gave to one that is
  gone, kept in the file of `removed_path`.
"""
