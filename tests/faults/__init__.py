"""kill -9 at random moments of a run: nothing may be lost, whoever is killed.

Run `python -m tests.faults`, with the names of kinds if not all of them, and with `--submissions N --kills N
--seed N` for others than 60, 20 and one that is drawn. Each kind of process is killed so often in the middle
of `course grade`, and what ended is started again. In the end every submission has one grade, and all are
those of a run that nobody disturbed. A class that is complete before that is forgotten, and graded anew.
"""
