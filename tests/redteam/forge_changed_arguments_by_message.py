"""Answers every call with a claim that its arguments changed: places that do not exist, other shapes, lists.

Stock nbgrader: nothing, there are no messages.
"""

CELLS = {
    "extra first cell": """
import gc

peers = [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]
for peer in peers:
    places = [[0, [0.0] * 3], [-1, [1]], ["0", [1]], [10**30, [1]], [None, None]]
    peer.services["call"] = lambda handle, args, kwargs: (1.0, places + [[0, args[0] * 0 + 1]])
    peer.serve_call = peer.services["call"]
"""
}
