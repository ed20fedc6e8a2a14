"""Between the course and a learning platform: what comes from there and whose it is, and what goes back.

In: a platform's download, a .zip or a folder; its list of people. Then the gradebook, records, pages.
Out: `grading/submitted/<student>/<ps>/`, `grading/roster.csv`, and a record of what the platform said. Then
files that Canvas and Moodle take in, in `grading/exports/`.

- collect: `collect` places the hand-ins of a download and gives an `Outcome`; `older_attempts` is where
  what was replaced is kept.
- roster: a `Person` is somebody on the roster; `read_roster` reads it, `import_roster` makes it
  of a platform's list; `as_student` makes a safe name of a folder.
- columns: `choose_columns` says which column of a list holds what, as a `Table` from `read_table` has them.
- source: `open_source` opens a download; its files are read one by one.
- platforms: `understand` reads names as a platform makes them, and gives a `Download` of files `Sent`.
- owners: `find_students` says whose a hand-in is.
- hand_in: `put_together` makes one `HandIn` of a student's files, archives opened.
- archives: `unpack` opens an archive that a student packed, inside limits, and says what it has `Refused`.
- grades: `read_grades` gives a problem set's `Grades`: a `StudentGrade` each, with its `NotebookPoints`.
- worksheets: a file for each `Platform`: `canvas`, `moodle`, and `table` with everything.
- pages_zip: feedback pages in the archive that a platform takes in.
- export: `export` writes what is `Wanted`, and says what is wrong with it; `folder` is where.
"""
