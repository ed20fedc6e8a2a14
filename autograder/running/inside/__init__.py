"""Exactly what a student's process can see of this package, and no more: it is mounted as a folder.

In: the messages of the examiner. Out: what a student's cells print, draw, raise and answer, as data.
The modules import each other relatively, and nothing else of ours. This file imports nothing.

- warm: the parent that imports once and forks; `INTERRUPT`, `TIME` and `END` are words to its keeper, an
  `Ending` is its answer; `WORK` and `CACHE` are folders; `die_with_parent`, `limit_memory` and
  `limit_time` serve every process.
- usage: what a student's processes use; `Time` is the keeper's answer, `OUT_OF_MEMORY` and
  `TOO_MANY_PROCESSES` are why it ended them.
- student_process: runs cells as IPython does, and answers calls.
- bulk: calls that are asked for in one message, for `BULK_SECONDS` at most; each could be the last.
- figures: pictures of figures, drawn once where that is enough.
- shell: the only module that knows ipykernel's insides; `make_shell`, `Stream` and
  `IMPORTED_LATE` serve the examiner too.
- protocol: a `Peer` sends and receives; `RemoteFunction`, `RemoteError`, `Closed` and `DeadlinePassed`.
- values: values as JSON and `.npy` bytes; `Module`, `Opaque`, `is_plain`; `ProtocolError` and
  `ValueTooLarge`.
- syscalls: the system calls that are allowed; all others are refused.
"""
