"""Connects to a service on this machine, which answers with a secret. Stock nbgrader: it is read."""

CELLS = {
    "extra first cell": """
import socket

for address in ("127.0.0.1", "localhost", "0.0.0.0"):
    try:
        with socket.socket() as connection:
            connection.settimeout(1)
            connection.connect((address, @PORT@))
            print("STOLEN", connection.recv(100))
    except OSError as error:
        print(error)
"""
}
