"""A formula of the answer keys, such as "2AᵀAx − 2Aᵀb + ½λx", as MathML: a page needs no network."""

from __future__ import annotations

import html
import re

FUNCTIONS = "softmax|diag|tanh|cosh|sinh|exp|log|max|sum|mean"
PIECES = re.compile(rf"{FUNCTIONS}|d[WXYxy]|\d+(?:\.\d+)?|[½¼]|\s+|.")
RAISED = {"ᵀ": "<mo>⊤</mo>", "²": "<mn>2</mn>"}


def to_mathml(formula: str) -> str:
    """The formula as one <math> element."""
    parts: list[str] = []
    for piece in PIECES.findall(formula):
        if piece.isspace():
            continue
        if piece in RAISED and parts:
            parts[-1] = f"<msup>{parts[-1]}{RAISED[piece]}</msup>"
        elif piece[0].isdigit() or piece in "½¼":
            parts.append(f"<mn>{piece}</mn>")
        elif piece.isalpha():
            parts.append(f"<mi>{piece}</mi>")
        else:
            parts.append(f"<mo>{html.escape(piece)}</mo>")
    return f'<math display="block"><mrow>{"".join(parts)}</mrow></math>'
