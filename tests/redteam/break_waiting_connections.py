"""Connects to itself thousands of times, writes, hangs up and never looks: one descriptor holds it all.

Stock nbgrader: gigabytes. Here it stops at 1.1 GB, to spare the machine.
"""

CELLS = {
    "extra first cell": """
import socket

held = 0
try:
    with socket.socket(socket.AF_UNIX) as asked:
        asked.bind("asked")
        asked.listen(4096)
        while held < 1_100_000_000:
            with socket.socket(socket.AF_UNIX) as caller:
                caller.setblocking(False)
                caller.connect("asked")
                try:
                    while True:
                        held += caller.send(bytes(200_000))
                except BlockingIOError:
                    pass
except OSError as error:
    print(error)
if held > 300_000_000:
    print("STOLEN", held)
"""
}
