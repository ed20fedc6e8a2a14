"""What comes from a learning platform, and what goes back to it.

In: `grading/roster.csv`, the gradebook, records, feedback pages.
Out: files that Canvas and Moodle take in, in `grading/exports/`.

- roster: `read_roster` gives each `Person` of the class.
- grades: `read_grades` gives a problem set's `Grades`: a `StudentGrade` each, with its `NotebookPoints`.
- worksheets: a file for each `Platform`: `canvas`, `moodle`, and `table` with everything; `harmless` keeps a
  cell from being a formula.
- pages_zip: feedback pages in the archive that a platform takes in.
- export: `export` writes what is `Wanted`, and says what is wrong with it; `folder` is where.
"""
