"""Other machines, met here: the same results under other processors, Pythons, locales and users.

    make test-elsewhere                           every row; about an hour
    make test-elsewhere ROWS="prescott c-locale"  these alone

A row of `rows.py` is a machine: a copy of the course in a folder of its own, and an environment that is
set before Python starts. A column of `columns.py` is a result that must come out there. The rows that
may round differently run every problem set; the others a cheap part, since rounding does not know the locale.
`__main__.py` fills the table, and exits 1 naming what is red.
"""
