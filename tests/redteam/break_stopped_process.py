"""Stops its own process, as Ctrl-Z does, so that it never answers.

Stock nbgrader: it waits for its timeout.
"""

CELLS = {
    "squared_norm": """
def squared_norm(x):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)
"""
}
