"""Sends outputs without end from a thread while it answers, each of them legal.

Stock nbgrader: the front end hangs.
"""

CELLS = {
    "extra first cell": """
import gc
import threading

(peer,) = [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]


def flood():
    while True:
        peer.event('["stream", {"name": "stdout", "text": "x"}]')
        peer.event('["display_data", {"data": {"text/plain": "' + "x" * 100_000 + '"}, "metadata": {}}]')


threading.Thread(target=flood, daemon=True).start()
"""
}
