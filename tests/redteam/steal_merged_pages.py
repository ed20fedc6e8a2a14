"""Offers its memory to be merged with equal pages of others: writing then takes longer where they were equal.

Stock nbgrader: it can guess what other programs hold.
"""

CELLS = {
    "extra first cell": """
import mmap

with mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as pages:
    try:
        pages.madvise(12)  # MADV_MERGEABLE
        print("STOLEN")
    except OSError as error:
        print(error)
"""
}
