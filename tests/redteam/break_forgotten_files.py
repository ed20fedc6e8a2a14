"""Has the machine forget files that everyone reads, so that each reads them from disk again.

Stock nbgrader: every import takes as long as the first.
"""

CELLS = {
    "extra first cell": """
import ctypes
import mmap
import numpy

libc = ctypes.CDLL(None, use_errno=True)
with open(numpy.__file__, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as pages:
    for advice in (20, 21):  # MADV_COLD, MADV_PAGEOUT
        try:
            pages.madvise(advice)
            print("STOLEN", advice)
        except OSError as error:
            print(error)
if libc.posix_fadvise(-1, 0, 0, 4) != 0:  # only the kernel knows that this is no file
    print("STOLEN")
"""
}
