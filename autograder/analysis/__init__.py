"""What an instructor learns from a graded class.

In: the pages of a class as data, and its gradebook.
Out: one HTML page, one JSON file, and CSV files, which name students.

- report_page: `write_report` writes them.
- report: scores, questions, checks, mistakes by name, and what is open, as one record: `read_report`.
- mistakes: what the class got wrong, by ids, and what nothing explains, by what it does:
  `UNEXPLAINED`, for which `entry` writes an entry of the answer key; `NOT_WRITTEN` is what was left
  as issued.
- items: how hard, how telling and how weighty tests and checks were.
- similarity: pairs of solutions that share what few others wrote.
- anonymous: a student's code without what tells whose it is.
"""
