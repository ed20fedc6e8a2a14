"""Announces a message, sends a little of it now and then, and never finishes. Stock nbgrader: nothing."""

CELLS = {
    "squared_norm": """
def squared_norm(x):
    import gc
    import time

    (peer,) = [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]
    peer.connection.settimeout(None)
    peer.connection.sendall((1_000_000).to_bytes(4, "big") + (60_000_000).to_bytes(4, "big"))
    while True:
        peer.connection.sendall(b"[")
        time.sleep(0.05)
"""
}
