"""A student's notebook, run: its cells in a process that can touch nothing, its tests outside.

In: a notebook whose locked cells are those of the exercise, the files beside it, the course's limits.
Out: an `Executed` notebook, with outputs as nbclient leaves them, and how the run went. It gives no points.

- run: `make_job` makes a `Job` of a notebook and the `working_files` beside it, of at most
  `MAX_EXTRA_BYTES`; a `Runner` runs it, and tries again if its processes were ended; `Runs` is whatever
  runs a job. `longest` is after how many seconds a run is ended, whatever it is at.
- clock: the student's own time, which limits are about.
- workers: `Workers` are processes that run jobs; every notebook is run in one of them. Whoever waits for one
  looks after them every `LOOK_SECONDS`. `start_tracker` comes before any process that is to miss Ctrl-C.
- examiner: walks the notebook, and makes the `Executed` one.
- ahead: `harness_of` is the harness for tests, which asks the student's functions in bulk where it may.
- names: how a test cell finds its names.
- outputs: a cell's outputs from messages that may be hostile; `Status` is how a notebook fared;
  `error_output` and the names `TIMEOUT_ERROR`, `NOT_RUN` and `NOT_REACHED` are for what did not run.
- libraries: which of the installed packages student code sees.
- sandbox: `why_not` says why student code cannot be confined here; `bwrap_program` is what confines it.
"""
