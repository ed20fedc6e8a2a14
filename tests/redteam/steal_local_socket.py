"""Connects to a service on this machine, which answers with a secret. Stock nbgrader: it is read."""

CELLS = {
    "extra first cell": """
import socket

for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET, "localhost")):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(1)
            connection.connect((address, @PORT@))
            print("STOLEN", connection.recv(100))
    except OSError as error:
        print(error)
"""
}
