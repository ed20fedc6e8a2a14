"""What a student reads afterwards: a page a notebook, and one a submission that leads to them.

In: executed notebooks, marks of the gradebook, records.
Out: HTML files that run nothing and fetch nothing.

- feedback: `read_pages` gives a `Page` of `NotebookShown`s for each submission; `QuestionShown` and
  `TestShown` are its parts; a `Writer` makes the page of one submission.
- feedback_page: `write_feedback` writes all of them; `index_html` and `notebook_html` render one;
  `environment` has the templates, `STATUS` the words for how a run went.
- own_work: a student's own cells, as they are shown again.
- markup: text of others made safe to show. Nothing else becomes markup.
- figures: `score_distribution` and `points_by_question`, the report's figures as SVG.
"""
