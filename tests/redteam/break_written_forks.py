"""Forks that write to all they inherited: each gets a copy, though it looks no larger than before.

Stock nbgrader: nobody adds them up. Here they stop at about 1.5 GB, to spare the machine.
"""

CELLS = {
    "extra first cell": """
import gc
import os
import time

ready = os.pipe()
for _ in range(26):
    if os.fork() == 0:
        gc.unfreeze()
        mine = [[thing] for thing in gc.get_objects()]  # counts a reference in each
        del mine
        os.write(ready[1], b"x")
        time.sleep(20)
        os._exit(0)
done = 0
while done < 26:
    done += len(os.read(ready[0], 100))
time.sleep(0.3)
print("STOLEN")
"""
}
