"""Many small processes, each with a Python of its own. Stock nbgrader: nobody adds them up."""

CELLS = {
    "extra first cell": """
import subprocess
import sys
import time

HOLD = "x = bytearray(b'x' * 45_000_000); print(); import time; time.sleep(20)"
held = [subprocess.Popen([sys.executable, "-ISc", HOLD], stdout=subprocess.PIPE) for _ in range(28)]
for process in held:
    process.stdout.read(1)
time.sleep(1)
print("STOLEN")
"""
}
