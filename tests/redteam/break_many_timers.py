"""Sets thousands of the kernel's timers, in each process anew. Stock nbgrader: as many as the user may."""

CELLS = {
    "extra first cell": """
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
timer, made = ctypes.c_void_p(), 0
while made < 5000 and libc.timer_create(1, None, ctypes.byref(timer)) == 0:
    made += 1
if made > 200:
    print("STOLEN", made)
"""
}
