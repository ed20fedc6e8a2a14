"""Connects to the internet and to this machine's abstract sockets, to send what it found elsewhere.

Stock nbgrader: wherever the instructor's machine can connect to.
"""

CELLS = {
    "extra first cell": """
import socket

places = [("1.1.1.1", 53), ("8.8.8.8", 443)]
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    for place in places:
        try:
            with socket.socket(socket.AF_INET, kind) as connection:
                connection.settimeout(0.3)
                connection.connect(place)
                connection.send(b"hello")
                print("STOLEN", place)
        except OSError as error:
            print(error)
for name in ("@/tmp/.X11-unix/X0", "/run/dbus/system_bus_socket", "/var/run/docker.sock"):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(name.replace("@", chr(0)))
            print("STOLEN", name)
    except OSError as error:
        print(error)
"""
}
