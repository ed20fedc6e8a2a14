"""Catches the interrupt that ends a call, and answers after all, again and again.

Stock nbgrader: it waits.
"""

CELLS = {
    "squared_norm": """
def squared_norm(x):
    import time

    while True:
        try:
            time.sleep(100)
        except KeyboardInterrupt:
            return 25.0
"""
}
