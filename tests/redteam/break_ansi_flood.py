"""Prints terminal sequences that clear screens, set titles and ask for answers. Stock nbgrader: as it is."""

CELLS = {
    "extra first cell": r"""
print("\x1b[2J\x1b]0;owned\x07\x1b[6n\x1b[?1049h\x00\x08\r" * 50_000)
raise Exception("\x1b[31m" * 10_000)
"""
}
