"""What a TA does before students get a problem set: build it, and see that it may go out.

In: a problem set of `source/`.
Out: `release/` and `solutions/`; a list of faults, empty when all is well; the tests' certificate; one
archive for students.

- build: `build` writes the release and the worked solutions; `solved_submission` is the reference as handed
  in.
- gate: `check` goes through every guard.
- proven: `Proven` notes what was proven of which content, so that it is not proven twice.
- leaks: what must not go out: lines and answers, derivations, pictures nobody looked at.
- accepted: `accept` writes down what a person looked at and found to be fine, in the file `FILE_NAME`.
- rehearsal: test cells run on functions of our own, in this process.
- certificate: `write_certificate` says what each check catches, in the file of `certificate_path`.
- mutants: wrong answers made by machine.
- package: `write_package` writes the archive of a `Package` and the record of what was released, which is
  in `record_path`; `START` is the file to read first.
- amend: `prepare` gives an `Amendment`: the next version, and what is different in it; `to_grade_again` says
  whom it concerns, `letter` tells students; `is_worked_on`.
- scaffold: `new_problem_set` and `new_exercise` give a `Scaffold`, and what is to be written in it.
- trial: `trials` tries answers of an answer key on its own tests.
"""
