"""Sends answers before it is asked, so that they are taken for answers to the next questions.

Stock nbgrader: nothing, there are no messages.
"""

CELLS = {
    "extra first cell": """
import gc

peers = [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]
for peer in peers:
    for answer in (None, (True, 4.0), (True, True), 4.0, (25.0, []), (9.0, [])) * 20:
        peer._send("answer", "", (answer,))
"""
}
