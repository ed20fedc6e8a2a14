"""Empty files, which take no space but the kernel's memory. Stock nbgrader: as many as the disk lets."""

CELLS = {
    "extra first cell": """
made = 0
try:
    for made in range(60_000):
        open(f"/tmp/{made}", "w").close()
except OSError:
    pass
if made > 20_000:
    print("STOLEN")
"""
}
