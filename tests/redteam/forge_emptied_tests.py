"""Registers an AST transformer that empties every cell that examines or asserts anything.

Stock nbgrader: full marks for an empty notebook.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
import ast


class Empty(ast.NodeTransformer):
    def visit_Module(self, tree):
        text = ast.unparse(tree)
        if "examine(" in text or "assert" in text:
            tree.body = [ast.copy_location(ast.Pass(), tree.body[0])]
        return tree


get_ipython().ast_transformers.append(Empty())
"""
}
