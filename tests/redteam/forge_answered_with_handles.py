"""Answers with numbers of functions and names of modules of the examiner's own, to be given those.

Stock nbgrader: nothing, there are no messages.
"""

CELLS = {
    "extra first cell": """
import gc
import types

for peer in [thing for thing in gc.get_objects() if type(thing).__name__ == "Peer"]:
    peer.their_handle = lambda function: getattr(function, "number", None)


class Theirs:
    number = 0
    __slots__ = ()
""",
    "squared_norm": "squared_norm = types.ModuleType('autograder.answer_keys.squared_norm')",
    "squared_norm_gradient": "squared_norm_gradient = Theirs()",
}
