"""Shows JSON nested a few hundred deep, in data and metadata.

Stock nbgrader: nbconvert ends in a RecursionError.
"""

CELLS = {
    "extra first cell": """
from IPython.display import publish_display_data

for depth in (50, 100, 150, 200, 250, 300, 400, 600, 900):
    nest = 1
    for _ in range(depth):
        nest = [nest] if depth % 100 else {"x": nest}
    publish_display_data({"application/json": nest, "text/plain": "x"}, {"deep": nest})
""",
    "extra last cell": "raise Exception('done')",
}
