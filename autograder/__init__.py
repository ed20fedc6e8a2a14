"""An auto-graded matrix calculus course: harness, answer keys, release gate and grading."""

import sys

# For its check of "iri" formats, which nobody here asks for, jsonschema would compile a grammar for
# a second in every process that reads a notebook. Without the package it leaves that check out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: not to be had
