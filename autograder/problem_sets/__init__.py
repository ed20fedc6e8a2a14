"""What was issued and what came back: problem sets, their cells and points, and the files students hand in.

In: the notebooks of `source/`, an answer key's module, the folder of one submission.
Out: frozen records of them; notebooks with their locked cells put right. Nothing here runs a cell.

- notebooks: `read_problem_set` gives a `ProblemSet` of `SourceNotebook`s, each an `Exercise` or `Material`,
  or raises `AssignmentError` or `UnknownProblemSet`; `read_notebook`, `canonical`, `to_text` and
  `plain_text` read and write one file, of `MAX_NOTEBOOK_BYTES` at most; `as_label` shows a name; of a
  notebook's cells: `metadata`, `grade_id`, `is_solution`, `is_automatic`, `is_task`, `is_locked`, `points`,
  `automatic_points`, `hand_points`.
- key: `load_key` and `key_names` find an `AnswerKey`; answer keys are written with `Question`, `Check`,
  `Term`, `Instance`, `mistake`, `shortcut`, `variant`, and in one line `wrong` and `patched`; `FORMULA` is
  the name of a check they all have; `CatalogueEntry` is one catalogued answer; `Answer` and `Reference` are
  the types of functions, students' and ours; `drawn_from` and `current_seed` say what inputs are drawn from.
- derivation_key: what a key knows of a derivation, a `DerivationTask` with its `Waypoint`s; `differentiated`,
  `moved_out`, `gradient_by`, `passed_back`, `equations` and `condition_used` make the usual ones.
- key_text: `key_sources` is the text of answer keys that must not leak, `judging_sources` what marks come of.
- waivers: `read_waivers` and `write_waivers` know `source/waivers.toml`, with a `Waiver` an entry, whose
  texts are each `is_a_line` of `MAX_REASON` characters; `NAME` is the file's, `path_of` it;
  `waiving` lets hidden tests count them, and `waived_checks` says which count now.
- checks: `checks_of` an exercise are what its hidden tests ask; `find_check` takes a person's name for
  one; `asked` reads a test cell; `unknown_waivers` name no check. Each is an `AskedCheck`.
- regions: `without_region`, `without_markers` and `region_lines` cut at the `REGIONS`, whose `MARKER`s
  `markers` lists; `telling` and `squeeze` say which lines give something away.
- outline: `outline` gives an `Outline` of `Question`s: a function, its tests, its section; `sections`
  says under which heading each cell stands; `is_text`, `has_heading`.
- submitted: `read_submitted` reads a student's file inside limits, and no more of it than counts.
- json_text: `parse` reads JSON of others, or raises `TooManyValues`; `count_values` only counts.
- pictures: `pixels` and `pixels_of` say how large a picture is, or that it must not be shown; `all_fit`.
- handed_in: `find` says which file of a submission is meant, or raises `Missing`; its `Files` are
  read once for all exercises; `other_notebooks` are those under other names that are looked into.
- repair: `repair` puts back locked cells that were edited, lost, doubled or moved.
"""
