"""The commands of `course`, a module each: they parse, call one function, and print.

In: what was typed. Out: lines on the terminal, and an exit code.

- build: `build` makes the release and the solutions.
- check: `check` is the release gate.
- collect: `collect` places a platform's download.
- grade: `grade` grades what is new or changed.
- feedback: `feedback` writes pages for students.
- report: `report` writes the instructor's page.
- export: `export` writes grades and pages for a learning platform.
- restore: `restore` lists snapshots of the gradebook, or restores one.
- demo: `demo` does all of it with a made-up class.
- doctor: `doctor` says what this machine can do.
- shared: `open_course` turns errors into a sentence and an exit code; tables, bars and names of places.
"""
