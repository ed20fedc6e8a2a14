"""Ignores every signal it can and catches every interrupt. Stock nbgrader: it has to be killed."""

CELLS = {
    "extra first cell": """
import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
}
