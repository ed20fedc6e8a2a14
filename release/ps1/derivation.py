"""Check a derivation line by line, as you write it.

    from derivation import derive

    derive('''
    f(x)  = (aᵀ x)²
    df    = 2 (aᵀ x) aᵀ dx        # the chain rule; a is constant
    ∇f(x) = 2 (aᵀ x) a
    ''', x="n", a="n")

A line follows (✓), does not follow (✗), or cannot be read (?). Words stand behind a #. A letter's shape is a
tuple of letters or numbers, a letter alone for a vector's length, () for a number. You need only NumPy.

How it decides. Every letter gets random numbers, in sizes of which no two are equal, so that a product in
the wrong order does not even fit. Both sides of a line are computed from them, several times over. What has
a derivative in it is differentiated by carrying slopes along with the values (dual numbers; see Griewank and
Walther, Evaluating Derivatives, SIAM 2008, chapter 3), so no step is chosen and none cancels. Matrices are
never commuted. Rounding is estimated from the largest number on the way; where it could decide, or a value
is not finite, other numbers are drawn.

Contents: limits and records · tokens · parser · sizes · numbers · evaluation · reading a text · claims ·
explanation · rendering.
"""

from __future__ import annotations

import difflib
import html
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

__all__ = ["derive"]

# ------------------------------------------------------------------ limits and records

MAX_TEXT, MAX_LINES, MAX_LINE = 20_000, 120, 1_500  # characters, lines, characters
MAX_DEPTH = 40  # of brackets, powers, sums and functions in each other
MAX_POWER = 64
MAX_NUMBER = 1e12
MAX_SIZE = 30  # of a shape given as a number, of a sum over numbers
MAX_LETTERS = 40
MAX_ENTRIES = 200_000  # of one array on the way
MAX_WORK = 10_000_000  # entries computed for a whole text
MAX_STEPS = 50_000  # operations for a whole text
MAX_KEPT = 2_000_000  # entries of what a text defines that are kept, not computed again
MAX_GRADIENTS = 4  # of whose zeros an equation is tried on
INSTANCES, ATTEMPTS = 3, 24
ROUNDING, UNSURE = 1e-9, 1e-6  # relative: below, the sides agree; up to here nothing is said

FOLLOWS, WRONG, UNREAD, UNDECIDED, GIVEN = (
    "follows",
    "does not follow",
    "cannot read",
    "cannot decide",
    "given",
)


@dataclass(frozen=True)
class Claim:
    """What one statement of a line claims, for whoever marks a derivation.

    `kind` is "value", "differential", "increment", "partial", "gradient" or "condition"; `by` the letters
    by which is differentiated. `of_given`: it is about the function of the task. `worked_out`: no derivative
    is left, but steps such as dW. `alone`: such a step stands alone, as in tr(Gᵀ dW); of partial
    derivatives, no δ is left. `holds`: it is true, and so is every line of its chain before it. `uses`
    are letters without whose condition it would not hold; `of` is the function's name, if it has one.

    `tells`: it says something. Of a derivative, the left side is the bare derivative, differential or
    increment, but for a sign, a transpose or an entry; it is not 0, does not stand on the right again, and
    nothing as large as the step is dropped. Of a condition, it comes from a vanishing derivative of the
    function of the task, and random numbers do not satisfy it. `traced`: every derivative on the right side
    was itself worked out in some line. `wrong`: it is not true.
    """

    kind: str
    by: tuple[str, ...] = ()
    of_given: bool = False
    worked_out: bool = False
    alone: bool = False
    holds: bool = False
    uses: tuple[str, ...] = ()
    of: str = ""
    tells: bool = False
    traced: bool = False
    wrong: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a derivation: its text, the verdict, and what is said about it.

    `verdict` is "follows", "does not follow", "cannot read", "cannot decide", or "given" for a definition,
    a condition that is posed, or the first line. `slip` is "sign", "factor", "transpose", "order",
    "lost term" or "shapes" where that could be shown. `claims` says what the line claims, and `shapes` has
    a note for every product.
    """

    text: str
    verdict: str
    message: str = ""
    slip: str = ""
    claims: tuple[Claim, ...] = ()
    shapes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.verdict in (FOLLOWS, GIVEN)

    def __repr__(self) -> str:
        return _plain(self)


@dataclass(frozen=True)
class Derivation:
    """What was found of a text. It is true when there are lines, and every one follows or is given."""

    lines: tuple[Line, ...]

    def __bool__(self) -> bool:
        return bool(self.lines) and all(self.lines)

    def __repr__(self) -> str:
        return "\n".join(map(_plain, self.lines)) or "Nothing is written yet."

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return _html(self)


class Unreadable(Exception):
    """A line that has no meaning here; the text is a sentence for its writer."""


class Misshapen(Exception):
    """A line whose shapes do not fit; the text says which."""


class Undecidable(Exception):
    """These numbers cannot decide; others may."""


FAILURES = (  # of NumPy and Python, in a formula that makes no sense to them
    ArithmeticError,
    AssertionError,
    LookupError,
    MemoryError,
    RecursionError,
    ValueError,
    np.linalg.LinAlgError,
    Undecidable,
)


@dataclass(frozen=True)
class Node:
    """A formula as a tree. Two are equal when they are written alike.

    `kind` says what is done with `args`. `name` is a letter, a function or a list of indices; `value` a
    number; `slot` holds sizes that only the surroundings tell, such as that of I.
    """

    kind: str
    args: tuple[Node, ...] = ()
    name: str = ""
    value: float = 0.0
    slot: Any = field(default=None, compare=False, repr=False)

    def walk(self) -> Iterator[Node]:
        """Every node of the tree, this one first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += node.args


# ------------------------------------------------------------------ tokens


def _pairs(words: str) -> dict[str, str]:
    """Words in pairs: what is replaced, and by what."""
    listed = words.split()
    return dict(zip(listed[::2], listed[1::2], strict=True))


GREEK = _pairs(
    "alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ kappa κ lambda λ lam λ "
    "mu μ nu ν xi ξ rho ρ sigma σ tau τ phi φ chi χ psi ψ omega ω varepsilon ε varphi φ ell ℓ "
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Phi Φ Psi Ψ Omega Ω Sigma Σ"
)
COMMANDS = _pairs(
    "top ⊤ intercal ⊤ cdot · times · odot ⊙ circ ⊙ otimes ⊗ oslash ⊘ dagger ⊤ prime ' ast ⋆ star ⋆ "
    "lVert ‖ rVert ‖ Vert ‖ lvert | rvert | vert | mid | langle ⟨ rangle ⟩ "
    "lbrace ( rbrace ) lbrack [ rbrack ] partial ∂ nabla ∇ sum Σ dots … ldots … cdots … "
    "Leftrightarrow ⇔ iff ⇔ Longleftrightarrow ⇔ Rightarrow ⇒ implies ⇒ Longrightarrow ⇒ therefore ⇒ "
    "to → rightarrow → approx ≈ simeq ≈ ne ≠ neq ≠ equiv = coloneqq = in ∈ infty ∞ forall ∀ Re ℝ "
    "square □ blacksquare □ qed □ pi π"
)
_SPACING = (
    r"left|right|[bB]ig+[lrm]?|quad|qquad|displaystyle|textstyle|limits|nolimits|nonumber|notag|hfill|"
    r"begin\{[a-z*]+\}(?:\[\w*\])?|end\{[a-z*]+\}"
)
_FONTS = (
    r"mathbf|bm|boldsymbol|mathrm|operatorname\*?|mathsf|mathit|mathbb|mathbbm|mathcal|textbf|textrm|text"
)
_UPPER = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᵗⁿⁱʲᵏᵐ", [*"0123456789+-()", "⊤", "⊤", *"nijkm"], strict=True)
)  # superscripts
_LOWER = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜₓ", "0123456789+-()aehijklmnoprstx", strict=True))
_FRACTIONS = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅛": "1/8"}
_SAME = {
    **dict.fromkeys("−–—﹣", "-"),
    **dict.fromkeys("∙⋅•×∗", "·"),
    **dict.fromkeys("∘∗", "⊙"),
    **dict.fromkeys("∑", "Σ"),
    **dict.fromkeys("′ʹ’", "'"),
    **dict.fromkeys("∥", "‖"),
    **dict.fromkeys("⟹⟾", "⇒"),
    **dict.fromkeys("⟺↔⟷", "⇔"),
    **dict.fromkeys("≔≡", "="),
    **dict.fromkeys("≃≅∼", "≈"),
    **dict.fromkeys("⟙ᵗ", "⊤"),
    **dict.fromkeys("〈〈", "⟨"),
    **dict.fromkeys("〉〉", "⟩"),
    **dict.fromkeys("∕⁄", "/"),
    **dict.fromkeys("⋯⋮", "…"),
    **dict.fromkeys("∆", "Δ"),
    **dict.fromkeys("∴", "⇒"),
    **dict.fromkeys("★☆", "⋆"),
    **dict.fromkeys("ϵ", "ε"),
    **dict.fromkeys("ϕ", "φ"),
    "µ": "μ",
    "𝟏": "𝟏",
    "𝟙": "𝟏",
    "𝕀": "I",
    "\u00a0": " ",
    "\t": " ",
}
_FUNCTIONS = (
    "tr vec diag exp log tanh softmax sqrt sin cos tan sinh cosh sigmoid relu sign abs det norm inv sum mean "
    "dot inner outer kron transpose max min logsumexp softplus logdet"
)
_OTHERWISE = (
    "Tr tr trace tr Trace tr ln log Diag diag Exp exp Log log ReLU relu sgn sign Vec vec lse logsumexp "
    "LSE logsumexp logistic sigmoid"
)
NAMED = {word: word for word in re.findall(r"\w+", _FUNCTIONS)} | _pairs(_OTHERWISE)
LEADING = re.compile(
    r"^\s*(?:(?:so|therefore|thus|hence|then|and|also|now|finally|where|with|let|we (?:get|have|obtain|find)|"
    r"it follows(?: that)?|that is|i\.\s?e\.|since|because|but|or|moreover|again|consequently|note(?: that)?|"
    r"put|write|define|call|answer|result)\b[,:]?\s+(?!\s*=))+",
    re.IGNORECASE,
)
POSED = re.compile(
    r"^\s*(?:suppose|assume|if|when|set|setting|at the (?:minimum|optimum)|for)\b[,:]?\s+", re.I
)
TRAILING = re.compile(
    r"[,;.]?\s+(?:since|because|by|using|as|due to|from|for all|for every|for each|∀|thanks to|"
    r"which|so that|gives|yields|leads to|we get|implies)"
    r"(?:\s.*)?$|[.,;:]?\s*(?:□|∎|QED|q\.e\.d\.?)?\s*$",
    re.IGNORECASE,
)
REMARK = re.compile(r"\s[(\[](?=[^()\[\]]*[A-Za-z]{4})[A-Za-z]+(?:[\s,.'-]+[A-Za-z]+)+[\s.]*[)\]]\s*$")
LABEL = re.compile(r"^\s*(?:[A-Za-z][a-z]{2,}(?: [a-z]+| \d+)*:|\((?:[ivx]+|\d+|[a-d])\)|\d[.)])\s+(?!\s*=)")
TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>[0-9]+\.[0-9]+|[0-9]+|\.[0-9]+)|(?P<name>[^\W\d_Σⅆ][^\W_Σⅆ𝟏]*)|(?P<dotT>\.T\b)"
    r"|(?P<op>:=|==|<=>|=>|<->|->|!=|~=|\|\||\\\||\.\*|\./|\.\^|\.\.\.|\*\*|[-+*/@^_'=<>()\[\]{}|,;:!…·⊙⊗⊘‖⟨⟩∂∇Σ⇔⇒≈≠∈∞⊤⋆𝟏ⅆ])"
)
_SPELLED = {
    ":=": "=", "==": "=", "<=>": "⇔", "<->": "⇔", "=>": "⇒", "->": "⇒", "!=": "≠", "~=": "≈", "||": "‖",
    r"\|": "‖", ".*": "⊙", "./": "/", "...": "…", "**": "^", "@": "·", "*": "*",
}  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A piece of a line: its kind ("number", "name", "op"), its text, and whether a space is before it."""

    kind: str
    text: str
    spaced: bool = True


def _canonical(name: str) -> str:
    """A letter's one spelling: Greek by name becomes Greek, W_1 and W₁ become W1."""
    name = unicodedata.normalize("NFKC", "".join(_SAME.get(c, c) for c in name))
    head = re.sub(r"_?\d*\Z", "", name)
    return GREEK.get(head, head) + name[len(head) :].removeprefix("_")


def _shown(character: str) -> str:
    """A character as it can stand in a sentence."""
    return f"`{character}`" if character.isprintable() and not unicodedata.combining(character) else "that"


def _normal(line: str) -> str:
    """A line in one alphabet: LaTeX commands and look-alikes replaced, scripts written with ^ and _."""
    line = re.sub(r"\\\\(?:\[\w*\])?\s*$", "", line.strip())
    line = re.sub(r"\\text\w*\s*\{([^{}]*)\}", _words, line)
    line = re.sub(
        r"\\mathrm\s*\{\s*d\s*\}|\\mathrm\s+d\b|\\operatorname\s*\{\s*d\s*\}|\\dd\b|\\d\b", " ⅆ ", line
    )
    line = re.sub(rf"(?<![^\W\d_])d(?=Σ(?!_)|\\(?:{'|'.join(GREEK)}|{_FONTS})\b)", " ⅆ ", line)
    line = re.sub(r"\\(?:mathbf|mathbb|bm|boldsymbol|mathds|mathbbm)\s*(?:\{\s*1\s*\}|1)", " 𝟏 ", line)
    line = re.sub(rf"\\(?:{_FONTS})\s*\{{([^{{}}]*)\}}", r" \1 ", line)
    line = re.sub(rf"\\(?:{_FONTS})\b", " ", line)
    line = re.sub(r"\\(?:hat|widehat)\s*(?:\{(\w+)\}|(\w))", r" \1\2⋆ ", line)
    line = re.sub(r"\\vec\s*\{(\w)\}", r" \1 ", line)
    line = re.sub(r"\\(?:vec|vect)\b", " vec ", line)
    line = re.sub(rf"\\(?:{_SPACING})(?![a-z])|\\[,;:!> ]|&|\$|\\\[|\\\]|\\\(|\\\)|~(?!=)", " ", line)
    line = re.sub(r"\\([{}])", lambda m: "(" if m[1] == "{" else ")", line)
    line = re.sub(r"\\([A-Za-z]+)", _command, line)
    line = re.sub(f"[{''.join(_UPPER)}]+", lambda m: "^{" + "".join(_UPPER[c] for c in m[0]) + "}", line)
    line = re.sub(f"[{''.join(_LOWER)}]+", lambda m: "_{" + "".join(_LOWER[c] for c in m[0]) + "}", line)
    line = "".join(f"({_FRACTIONS[c]})" if c in _FRACTIONS else _SAME.get(c, c) for c in line)
    return "".join(unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7cb" else c for c in line)


def _words(match: re.Match[str]) -> str:
    word = match[1].strip()
    return f" {word} " if word in NAMED or word in ("d", "T", "I") or len(word) == 1 else " "


def _command(match: re.Match[str]) -> str:
    word = match[1]
    if word in ("frac", "tfrac", "dfrac", "cfrac"):
        return " frac "
    if word in GREEK:
        return f" {GREEK[word]} " if word != "Sigma" else " Σ "
    if word in COMMANDS:
        return f" {COMMANDS[word]} "
    if word in NAMED:
        return f" {word} "
    raise Unreadable(
        f"cannot read `\\{word[:20]}` here: use the words of the language, such as tr, vec or ‖·‖."
    )


def _tokens(line: str) -> list[Token]:
    found, place, spaced = [], 0, True
    while place < len(line):
        match = TOKEN.match(line, place)
        if match is None:
            c = line[place]
            raise Unreadable(
                f"cannot read the character U+{ord(c):04X} here ({_shown(c)}): write formulas with letters, "
                "numbers and signs, and put words behind a #."
            )
        place = match.end()
        kind = str(match.lastgroup)
        if kind == "space":
            spaced = True
            continue
        text = _SPELLED.get(match[0], match[0])
        if kind == "dotT":
            found += [Token("op", "^", spaced), Token("op", "⊤", False)]
        elif kind == "op" and text == ".^":
            found += [Token("op", "^", spaced), Token("op", "⊙", False)]
        else:
            found.append(Token(kind, text, spaced))
        spaced = False
    return found


# ------------------------------------------------------------------ parser


class Names:
    """The letters a text may use: those declared with shapes, sizes, and what the text itself defines."""

    def __init__(self, shapes: Mapping[str, Shape]):
        self.shapes = dict(shapes)
        self.sizes = {d for shape in shapes.values() for d in shape if isinstance(d, str)}
        self.definitions: dict[str, Definition] = {}
        self.loose: set[str] = set()  # letters such as h in f(x + h), which nobody declares
        self.free: set[str] = set()  # a function's own letters, which take any shape
        self.alternates: dict[str, list[Node]] = {}

    def known(self, name: str) -> bool:
        """Whether this is a letter of the text."""
        return name in self.shapes or name in self.sizes or name in self.definitions

    def dims(self, name: str) -> int:
        """How many indices an entry of this letter has: a guess for what is defined."""
        if name in self.shapes:
            return len(self.shapes[name])
        if name in self.definitions and self.definitions[name].indices:
            return len(self.definitions[name].indices)
        return 2 if name[:1].isupper() else 1


Shape = tuple[str | int, ...]
SMALL = ("o", "O", "𝒪")
OPENING = {"(": ")", "[": "]", "{": "}"}


class Parser:
    """Reads tokens as formulas, from loose to tight: relations, sums, ⊙ ⊗, products, powers and indices."""

    def __init__(self, tokens: Sequence[Token], names: Names):
        self.tokens, self.names, self.place, self.depth = list(tokens), names, 0, 0
        self.bars: list[list[str]] = [[]]
        self.heading = False  # in x⋆ = …, where it is x
        self.outer: set[str] = set()  # the indices of the left side

    # -- moving along

    def peek(self, ahead: int = 0) -> str:
        """The text of the next token; empty at the end."""
        place = self.place + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def take(self, *texts: str) -> bool:
        """Whether the next token is one of these; then it is passed."""
        if self.peek() in texts and self.peek():
            self.place += 1
            return True
        return False

    def kind(self) -> str:
        """The kind of the next token; empty at the end."""
        return self.tokens[self.place].kind if self.place < len(self.tokens) else ""

    def fail(self, advice: str) -> Unreadable:
        """What to raise when the next token does not belong here."""
        if not self.peek():
            return Unreadable(f"cannot read the end of this line: {advice}.")
        rest = " ".join(token.text for token in self.tokens[self.place : self.place + 4])
        return Unreadable(f"cannot read `{rest[:40]}` here: {advice}.")

    def expect(self, text: str, advice: str) -> None:
        """Pass this token. Raises Unreadable when another one is there."""
        if not self.take(text):
            raise self.fail(advice)

    # -- relations

    def statement(self) -> list[tuple[str, list[Node], list[str]]]:
        """Groups of formulas: what joins a group to the one before, its formulas, the signs between them.

        A group that begins with a sign begins with no formula: it goes on with the line before.
        """
        groups: list[tuple[str, list[Node], list[str]]] = []
        joint = self.peek() if self.peek() in ("⇔", "⇒", "→") else ""
        self.place += bool(joint)
        while True:
            formulas: list[Node] = []
            signs: list[str] = []
            if self.peek() in ("=", "≈"):
                signs.append(self.peek())
                self.place += 1
            formulas.append(self.sum())
            self.outer = set() if signs else _free_indices(formulas[0])
            while self.peek() in ("=", "≈"):
                signs.append(self.peek())
                self.place += 1
                formulas.append(self.sum())
            groups.append((joint, formulas, signs))
            if self.peek() in ("⇔", "⇒", "→"):
                joint = self.peek()
                self.place += 1
            elif not self.peek():
                return groups
            else:
                raise self._misplaced()

    def _misplaced(self) -> Unreadable:
        text = self.peek()
        if text in (")", "]", "}", "⟩", ">"):
            return self.fail("this bracket was never opened")
        if text in ("‖", "|"):
            return self.fail("this bar has no partner")
        if text == ",":
            return self.fail("put what follows on a line of its own")
        if text in ("≠", "<", ">", "∈"):
            return self.fail("a line says with = that two formulas are equal; put the rest behind a #")
        return self.fail("put words behind a #, and each formula on a line of its own")

    # -- sums and products

    def sum(self) -> Node:
        """A sum of terms."""
        self.depth += 1
        if self.depth > 2 * MAX_DEPTH:
            raise Unreadable(f"cannot read this: brackets are nested more than {MAX_DEPTH} deep.")
        terms: list[Node] = []
        sign = 1
        while self.peek() in ("+", "-"):
            sign *= -1 if self.peek() == "-" else 1
            self.place += 1
        while True:
            if self.take("…"):
                terms.append(Node("dots"))
            else:
                term = self.term()
                terms.append(Node("neg", (term,)) if sign < 0 else term)
            if self.peek() not in ("+", "-"):
                break
            sign = 1
            while self.peek() in ("+", "-"):
                sign *= -1 if self.peek() == "-" else 1
                self.place += 1
        self.depth -= 1
        if any(term.kind == "dots" for term in terms):
            terms = _dotted(terms, self.names)
        return terms[0] if len(terms) == 1 else Node("add", tuple(terms))

    def term(self) -> Node:
        """Products joined by ⊙, ⊗ or a colon, which bind less than the products do."""
        left = self.product()
        while self.peek() in ("⊙", "⊗", ":", "⊘"):
            kind = {"⊙": "had", "⊗": "kron", ":": "frob", "⊘": "over"}[self.peek()]
            self.place += 1
            left = Node(kind, (left, self.product()))
        return left

    def product(self) -> Node:
        """Factors side by side, or joined by · * @ /."""
        left = self.factor()
        while True:
            sign = self.peek()
            if sign in ("·", "*"):
                self.place += 1
                left = Node("mul", (left, self.factor()), sign)
            elif sign == "/":
                left = self._quotient(left)
            elif self._starts():
                before, left = left, self.factor()
                if before.kind == left.kind == "num" and self.tokens[self.place - 1].text != "π":
                    self.place -= 1
                    raise self.fail("write * between numbers")
                left = Node("mul", (before, left))
            else:
                return left

    def _starts(self) -> bool:
        text = self.peek()
        if text in ("‖", "|"):
            return text not in self.bars[-1]
        return self.kind() in ("number", "name") or text in ("(", "[", "∇", "∂", "Σ", "⟨", "<", "𝟏", "ⅆ")

    def _quotient(self, left: Node) -> Node:
        self.place += 1
        numerator = left.args[-1] if left.kind == "mul" else left  # the factor right before the sign
        tight = (
            self.kind() == "number"
            and self.place + 1 < len(self.tokens)
            and not self.tokens[self.place + 1].spaced
            and self.tokens[self.place + 1].kind == "name"
        )
        if tight:
            number, letter = self.peek(), self.peek(1)
            raise self.fail(f"did you mean 1/({number} {letter}) or (1/{number}) {letter}")
        right = self.factor()
        below = right.args[0] if right.kind in ("mul", "pow") else right
        if numerator.kind == "dop" or (_moved(numerator) is not None and _moved(below) is not None):
            derivative = self._derivative(numerator, right)
            return Node("mul", (left.args[0], derivative), left.name) if left.kind == "mul" else derivative
        return Node("div", (left, right))

    def _derivative(self, numerator: Node, denominator: Node) -> Node:
        """∂a/∂b from its two parts; an operator ∂/∂b takes the product that follows."""
        parts = [denominator]
        while parts[0].kind == "mul":
            parts[:1] = list(parts[0].args)
        targets = [_moved(part) for part in parts]
        inside = numerator.args[0] if numerator.kind in ("sub", "T") else numerator
        order = int(inside.value)
        if order == 2 and len(targets) == 1 and targets[0] is not None:
            if targets[0].kind == "pow":
                targets = [targets[0].args[0]] * 2
            elif self.peek() in ("∂", "ⅆ") or self.peek()[:1] == "d":
                targets.append(_moved(self.factor()))
        found = [target for target in targets if target is not None]
        if len(found) != len(targets) or len(found) != order:
            raise self.fail("a derivative is written ∂f/∂x, and a second one ∂²f/∂x_i∂x_j")
        moved = _moved(numerator) if numerator.kind != "dop" else self.product()
        assert moved is not None
        return Node("deriv", (moved, *found))

    def factor(self) -> Node:
        """A signed factor with its powers and indices."""
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.peek() == "-"
            self.place += 1
        node = self.postfix(self.primary())
        return Node("neg", (node,)) if negative else node

    def postfix(self, node: Node) -> Node:
        """Powers, transposes and indices behind a factor."""
        count = 0
        while True:
            count += 1
            if count > MAX_DEPTH:
                raise Unreadable("cannot read this: too many powers, primes or indices on one factor.")
            if self.take("'", "⊤"):
                node = Node("T", (node,))
            elif self.peek() == "^":
                node = self._power(node)
            elif self.peek() == "_":
                node = self._indexed(node)
            elif self.peek() == "⋆" or (
                self.peek() == "*" and self.peek(1) in ("=", ")", "⇔", "⇒", "") and node.kind == "name"
            ):
                self.place += 1
                node = self._starred(node)
            else:
                return node

    def _power(self, node: Node) -> Node:
        self.place += 1
        text = self.peek()
        if text in ("⊤", "'"):
            self.place += 1
            return Node("T", (node,))
        if text == "⋆" or (text == "*" and node.kind == "name"):
            self.place += 1
            return self._starred(node)
        if (
            self.kind() == "name"
            and text[0] == "T"
            and len(text) > 1
            and not self.names.known(_canonical(text))
        ):
            self.tokens[self.place] = Token("name", text[1:], False)  # x^TAx
            return Node("T", (node,))
        if text in ("T", "t") and (text == "T" or not self.names.known("t")):
            self.place += 1
            return Node("T", (node,))
        if text == "⊙":  # entry by entry
            self.place += 1
            return Node("pow", (node, self._exponent()), "⊙")
        if text in ("{", "("):
            inside = [token.text for token in self.tokens[self.place + 1 : self.place + 4]]
            if inside[:2] in (["⊤", "}"], ["T", "}"], ["'", "}"], ["t", "}"]):
                self.place += 3
                return Node("T", (node,))
            if inside[:2] in (["⋆", "}"], ["*", "}"]):
                self.place += 3
                return self._starred(node)
            if inside in (["-", "T", "}"], ["-", "⊤", "}"]):
                self.place += 4
                return Node("T", (Node("inv", (node,)),))
            if inside[:1] == ["⊙"]:
                self.place += 2
                power = self.sum()
                self.expect("}", "close this brace")
                return Node("pow", (node, power), "⊙")
            if text == "{" and inside[:1] == ["("] and inside[2:] == [")"] and node.kind == "name":
                self.place += 5
                return Node("sub", (node,), inside[1])  # x^{(k)}: example k
        exponent = self._exponent()
        if exponent.kind == "neg" and exponent.args[0] == Node("num", value=1.0):
            return Node("inv", (node,))
        if node == Node("name", name="e") and not self.names.known("e"):
            return Node("fn", (exponent,), "exp")
        return Node("pow", (node, exponent))

    def _exponent(self) -> Node:
        if self.take("{"):
            exponent = self.sum()
            self.expect("}", "close the brace of this exponent")
            return exponent
        negative = self.take("-")
        node = self.primary()
        if self.peek() in ("^", "_"):
            node = self.postfix(node)
        return Node("neg", (node,)) if negative else node

    def _starred(self, node: Node) -> Node:
        """x⋆ as the text defines it; else it is x, at the point that a condition describes."""
        if node.kind == "name" and node.name + STAR in self.names.definitions and not self.heading:
            return Node("name", name=node.name + STAR)
        return node

    # -- indices

    def _indexed(self, node: Node) -> Node:
        self.place += 1
        if self.take("⋆") or (self.peek() == "*" and self.take("*")):
            return self._starred(node)
        base = node.name if node.kind == "name" else ""
        items = self.indices(self.names.dims(base) if base else 2, base in self.names.shapes)
        if node.kind == "pow" and node.args[0].kind == "norm":  # ‖W‖²_F
            return replace(node, args=(replace(node.args[0], name="".join(items).strip("F")), node.args[1]))
        if node.kind == "norm":
            return replace(node, name="".join(items) if items != ["F"] else "")
        if base and len(items) == 1 and not items[0].isalpha() and self.names.known(base + items[0]):
            return Node("name", name=base + items[0])
        if node.kind == "name" and base in ("I", "𝟏") and not self.names.known(base):
            return Node("I" if base == "I" else "ones", name=" ".join(items), slot=Var())
        if base == "δ" and not self.names.known(base) and len(items) == 2:
            return Node("delta", name=" ".join(items), slot=Var())
        if base in ("e", "E") and not self.names.known(base) and len(items) in (1, 2):
            return Node("unit", name=" ".join(items), slot=(Var(), Var()))
        return Node("sub", (node,), " ".join(items))

    def indices(self, count: int, exact: bool = False) -> list[str]:
        """The indices behind a _ : letters, numbers, or a colon. Without braces, as many as belong here."""
        if self.peek() in ("{", "("):
            closing = OPENING[self.peek()]
            self.place += 1
            items: list[str] = []
            while not self.take(closing):
                text = self.peek()
                if not text or len(items) > 6:
                    raise self.fail("an index is a letter or a number, as in W_{ij}")
                self.place += 1
                if text in (",", "·"):
                    continue
                if self.tokens[self.place - 1].kind == "name":
                    items += [text] if text in ("max", "min") or self.names.known(text) else list(text)
                elif text.isdigit():
                    items += list(text) if count == 2 and len(text) == 2 else [text]
                elif text in (":", "∞"):
                    items.append(text)
                else:
                    self.place -= 1
                    raise self.fail("an index is a letter or a number, as in W_{ij}")
            return items
        text = self.peek()
        if self.kind() == "number" or text == "∞":
            self.place += 1
            return list(text) if count == 2 and len(text) == 2 else [text]
        if self.kind() != "name":
            raise self.fail("an index is a letter or a number, as in x_i or W_{ij}")
        cut = len(text)
        if self.peek(1) == "_" or (exact and len(text) > count):
            cut = next((k for k in range(1, len(text)) if self._split(text[k:])), len(text))
            if exact and len(text) > count:
                cut = min(cut, count) if self._split(text[count:]) or self.peek(1) == "_" else cut
        if cut < len(text):
            self.tokens[self.place] = Token("name", text[cut:], False)
        else:
            self.place += 1
        text = text[:cut]
        return [text] if text in ("max", "min") or not text.isalpha() else list(text)

    # -- factors

    def _split(self, run: str) -> list[str] | None:
        """A run of letters as names that are known, as few as possible; None when that cannot be."""
        if len(run) > 40:
            return None
        if self._is_name(run):
            return [run]
        best: list[list[str] | None] = [[]] + [None] * len(run)
        for end in range(1, len(run) + 1):
            for start in range(end):
                piece, before = run[start:end], best[start]
                if before is not None and self._is_name(piece):
                    old = best[end]
                    if old is None or len(before) + 1 < len(old):
                        best[end] = [*before, piece]
        return best[-1]

    def _is_name(self, text: str) -> bool:
        known = self.names.known
        if text in self.names.loose:
            return True
        if known(_canonical(text)) or text in NAMED or text in ("I", "frac", "sum", "grad", "ones", "eye"):
            return True
        return len(text) > 1 and text[0] in "dΔ" and known(_canonical(text[1:]))

    def primary(self) -> Node:
        """The smallest things: numbers, letters, brackets, sums, derivatives, functions."""
        self.depth += 1
        if self.depth > 2 * MAX_DEPTH:
            raise Unreadable(f"cannot read this: it is nested more than {MAX_DEPTH} deep.")
        node = self._primary()
        self.depth -= 1
        return node

    def _primary(self) -> Node:
        text, kind = self.peek(), self.kind()
        if kind == "number":
            self.place += 1
            value = float(text)
            if value > MAX_NUMBER:
                raise Unreadable(f"cannot read `{text[:20]}` here: the number is too large.")
            if value == 1 and (self.peek() in ("⊤", "'") or self._scripted("T", "⊤", "'")):
                return Node("ones", slot=Var())
            if value == 1 and self.peek() == "_":
                self.place += 1
                return Node("ones", name=" ".join(self.indices(1)), slot=Var())
            return Node("num", value=value)
        if kind == "name":
            return self._named()
        if text in OPENING:
            return self._bracket()
        if text in ("‖", "|"):
            self.place += 1
            self.bars[-1].append(text)
            inside = self.sum()
            self.expect(text, f"close this {text}")
            self.bars[-1].pop()
            return Node("norm" if text == "‖" else "abs", (inside,))
        if text in ("⟨", "<"):
            self.place += 1
            self.bars.append([])
            left = self.sum()
            self.expect(",", "an inner product is written ⟨a, b⟩")
            right = self.sum()
            self.expect("⟩" if text == "⟨" else ">", "close this angle bracket")
            self.bars.pop()
            if self.peek() == "_":
                self.place += 1
                self.indices(1)
            return Node("inner", (left, right))
        if text == "Σ":
            self.place += 1
            covariance = self.names.known("Σ") and self.peek() != "_"
            return Node("name", name="Σ") if covariance else self._sigma()
        if text == "∇":
            self.place += 1
            return self._nabla()
        if text in ("∂", "ⅆ"):
            self.place += 1
            return self._moving()
        if text == "𝟏":
            self.place += 1
            return self._sized("ones")
        if not text:
            raise self.fail("a formula is missing")
        if text in ("=", "≈"):
            raise self.fail("a formula is missing before it")
        raise self.fail("a letter, a number or a bracket is missing before it")

    def _scripted(self, *texts: str) -> bool:
        after = [token.text for token in self.tokens[self.place : self.place + 3]]
        return after[:1] == ["^"] and (
            after[1:2][0:1] != []
            and (after[1] in texts or (after[2:] != [] and after[1] == "{" and after[2] in texts))
        )

    def _bracket(self) -> Node:
        closing = OPENING[self.peek()]
        inside = [token.text for token in self.tokens[self.place + 1 : self.place + 5]]
        if inside[1:2] in (["="], ["≠"]) and inside[3:] == [closing] and (inside[0] + inside[2]).isalpha():
            self.place += 5  # [i = j] is 1 or 0
            delta = Node("delta", name=f"{inside[0]} {inside[2]}", slot=Var())
            one = Node("num", value=1.0)
            return delta if inside[1] == "=" else Node("add", (one, Node("neg", (delta,))))
        self.place += 1
        self.bars.append([])
        node = self.sum()
        if self.peek() in (",", ";"):
            node = self._listing(node)
        self.bars.pop()
        if self.peek() == ">" and self.peek(1) == "0" and self.peek(2) == closing:
            self.place += 2  # [a > 0] is 1 or 0, as NumPy has it
            node = Node("add", (Node("num", value=1.0), Node("fn", (node,), "sign")))
            node = Node("div", (node, Node("num", value=2.0)))
        if self.peek() == "=":
            raise self.fail("put an equation on a line of its own, or behind a #")
        self.expect(closing, f"close the bracket with `{closing}`")
        return node

    def _listing(self, first: Node) -> Node:
        """(x_1, …, x_n) as a vector, whether or not it is written with a transpose."""
        terms = [first]
        while self.take(",", ";"):
            terms.append(Node("dots") if self.take("…") else self.sum())
        if terms[-2].kind != "dots":
            raise self.fail("a vector is written (x_1, …, x_n), or entry by entry")
        whole = _dotted(terms, self.names)
        if len(whole) != 1:
            raise self.fail("a vector is written (x_1, …, x_n), or entry by entry")
        if self.peek(1) in ("⊤", "'"):
            del self.tokens[self.place + 1]
        elif self.peek(1) == "^" and self.peek(2) in ("⊤", "T", "'"):
            del self.tokens[self.place + 1 : self.place + 3]
        elif (
            self.peek(1) == "^" and self.peek(2) == "{" and self.peek(3) in ("⊤", "T") and self.peek(4) == "}"
        ):
            del self.tokens[self.place + 1 : self.place + 5]
        return replace(whole[0], kind="listing")

    def _arguments(self) -> tuple[Node, ...]:
        closing = OPENING[self.peek()]
        self.place += 1
        self.bars.append([])
        found = [self.sum()]
        while self.take(",", ";"):
            found.append(self.sum())
        self.bars.pop()
        self.expect(closing, f"close the bracket with `{closing}`")
        return tuple(found)

    def _sized(self, kind: str) -> Node:
        size = ""
        if self.take("_"):
            size = " ".join(self.indices(1))
        elif kind == "I" and self.peek() == "(" and self.peek(2) == ")" and self.peek(1) in self.names.sizes:
            size = self.peek(1)
            self.place += 3
        return Node(kind, name=size, slot=Var())

    def _named(self) -> Node:
        token = self.tokens[self.place]
        pieces = self._split(token.text)
        if pieces and len(pieces) > 1:
            spaced = [token.spaced] + [False] * len(pieces)
            self.tokens[self.place : self.place + 1] = [
                Token("name", piece, space) for piece, space in zip(pieces, spaced, strict=False)
            ]
        text = self.peek()
        self.place += 1
        name = _canonical(text)
        following = self.peek()
        if self.names.known(name):
            return self._letter(name)
        if text == "frac":
            return self._fraction()
        if text in ("sum", "Sum") and following == "_":
            return self._sigma()
        if text in ("sum", "Sum") and following in ("of", "over"):
            return self._sum_of()
        if text == "grad":
            return self._nabla()
        if text in ("I", "Id", "eye"):
            return self._sized("I")
        if text == "ones":
            if following == "(":
                self._arguments()
            return Node("ones", slot=Var())
        if text == "D" and self._calls(following):
            inside = self.primary()
            if inside.kind != "call":
                raise self.fail("a derivative along h is written D f(x)[h]")
            return Node("row", (inside,), value=1.0)
        if text == "d":
            return self._moving()
        if text in SMALL and following == "(":
            start = self.place
            argument = self._arguments()[0]
            order = 1.0 if text != "o" else 0.0
            degree = next((n.args[1].value for n in argument.walk() if n.kind == "pow"), 1.0)
            del start
            return Node("little", (argument,), value=degree - order)
        if len(text) > 1 and text[0] == "d" and self.names.known(_canonical(text[1:])):
            inside = self._letter(_canonical(text[1:]))
            if self.peek() == "^" and "-" in (self.peek(1), self.peek(2)):
                inside = self._power(inside)  # dS⁻¹ is of S⁻¹: a step has no inverse
            return Node("diff", (inside,), value=1.0)
        if len(text) > 1 and text[0] in "Δ" and self.names.known(_canonical(text[1:])):
            return self._increment(_canonical(text[1:]))
        if text in "Δ" and self._calls(following):
            self.place += 1
            return self._increment(_canonical(following))
        if text in NAMED:
            return self._function(NAMED[text])
        if name == "σ" and following == "(":
            return self._function("sigmoid")
        if (
            following == "'"
            and self.peek(1) == "("
            and (name == "σ" or NAMED.get(text) in ("sigmoid", "tanh"))
        ):
            self.place += 1
            return _slope(self._function(NAMED.get(text, "sigmoid")))
        if name == "π":
            return Node("num", value=math.pi)
        return Node("name", name=name)

    def _calls(self, text: str) -> bool:
        return bool(text) and text[0].isalpha() and self.names.known(_canonical(text))

    def _increment(self, name: str) -> Node:
        """Δf = f(x + Δx) − f(x), and Δx a small step of its own."""
        definition = self.names.definitions.get(name)
        if definition is None:
            return Node("name", name="Δ" + name)
        return Node("step", (Node("name", name=name),))

    def _letter(self, name: str) -> Node:
        definition = self.names.definitions.get(name)
        if definition is not None and self.peek() in ("(", "[") and not definition.indices:
            value = definition.params is None  # then R (A + B) is a product, and f(x) what f is at x
            called = not value or (name not in self.names.shapes and not self._spaced())
            if called and not self._times_itself(name, definition.params or ()):
                return self._call(name)
        primes = 0
        while definition is not None and definition.params and self.peek(primes) == "'":
            primes += 1
        if primes and self.peek(primes) in ("(", "["):
            self.place += primes
            return Node("row", (self._call(name),), value=float(primes))
        return Node("name", name=name)

    def _times_itself(self, name: str, params: Sequence[str]) -> bool:
        """Whether the bracket that follows is a factor, as in s (1 − s): s is in it, and not its letter."""
        depth, bare = 0, False
        for token, after in itertools.pairwise([*self.tokens[self.place :], Token("op", "")]):
            depth += (token.text in OPENING) - (token.text in OPENING.values())
            if token.kind == "name":
                if _canonical(token.text) in params:
                    return False
                bare |= _canonical(token.text) == name and after.text not in ("(", "[", "'")
            if depth == 0:
                break
        return bare

    def _spaced(self) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place].spaced

    def _call(self, name: str) -> Node:
        return Node("call", self._arguments(), name)

    def _fraction(self) -> Node:
        parts = []
        for _ in range(2):
            if self.peek() == "{":
                self.place += 1
                self.bars.append([])
                parts.append(self.sum())
                self.bars.pop()
                self.expect("}", "close the brace of this fraction")
            elif self.kind() == "number" and len(self.peek()) > 1 and not parts:
                digits = self.peek()
                self.tokens[self.place : self.place + 1] = [Token("number", d, False) for d in digits]
                parts.append(self.primary())
            else:
                parts.append(self.primary())
        top = parts[0]
        below = parts[1]
        while below.kind in ("mul", "pow"):
            below = below.args[0]
        if top.kind == "dop" or (_moved(top) is not None and _moved(below) is not None):
            return self._derivative(top, parts[1])
        return Node("div", (top, parts[1]))

    def _moving(self) -> Node:
        """What follows a ∂ or a d: the differential of a factor, or an operator when nothing follows."""
        order = 1.0
        if self.peek() == "^" and (self.peek(1) == "2" or (self.peek(1) == "{" and self.peek(2) == "2")):
            order = 2.0
            self.place += 2 if self.peek(1) == "2" else 4
        if self.peek() in ("/", "}"):
            return Node("dop", value=order)
        if self.take("_"):
            target = self._target()
            return Node("deriv", (self.primary(), *target))
        return Node("diff", (self.postfix(self.primary()),), value=order)

    def _target(self) -> tuple[Node, ...]:
        if self.peek() == "{":
            self.place += 1
            found = [self.product()]
            while self.take(","):
                found.append(self.product())
            self.expect("}", "close this brace")
            return tuple(found)
        if self.kind() == "name" and not self._split(self.peek()):
            text = self.peek()  # ∇_Wf without a space
            cut = next((k for k in range(len(text) - 1, 0, -1) if self._is_name(text[:k])), None)
            if cut:
                self.tokens[self.place : self.place + 1] = [
                    Token("name", text[:cut], False),
                    Token("name", text[cut:], False),
                ]
        elif self.kind() == "name" and (pieces := self._split(self.peek())) and len(pieces) > 1:
            self.tokens[self.place : self.place + 1] = [Token("name", piece, False) for piece in pieces]
        if self.kind() != "name" and not (self.peek() == "Σ" and self.names.known("Σ")):
            raise self.fail("say with respect to which letter, as in ∇_W f")
        name = _canonical(self.peek())
        self.place += 1
        return (Node("name", name=name),)

    def _nabla(self) -> Node:
        order = 1.0
        if self.peek() == "^":
            self.place += 1
            if not (self.take("2") or (self.peek() == "{" and self.peek(1) == "2")):
                raise self.fail("only ∇ and ∇² are known")
            if self.peek() == "{":
                self.place += 3
            order = 2.0
        targets = self._target() if self.take("_") else ()
        if self.peek() == "^" and self.peek(1) in ("2", "{"):
            self.place += 2 if self.peek(1) == "2" else 4
            order = 2.0
        inside = self.primary()
        if inside.kind in ("norm", "abs") and self.peek() in ("^", "_"):
            inside = self.postfix(inside)
        return Node("grad", (inside, *targets), value=order)

    def _function(self, name: str) -> Node:
        power: Node | None = None
        if self.peek() == "^" and not self._scripted("T", "⊤", "'"):
            self.place += 1
            power = self._exponent()
        if self.peek() in OPENING:
            arguments = self._arguments()
        elif name in ("tr", "vec"):  # tr A B is the trace of the product
            arguments = (self.product(),)
        else:
            arguments = (self.factor(),)
        node = Node("fn", arguments, name)
        if power is None:
            return node
        return (
            Node("inv", (node,))
            if power == Node("neg", (Node("num", value=1.0),))
            else Node("pow", (node, power))
        )

    def _sigma(self) -> Node:
        if not self.take("_"):
            arguments = self._arguments() if self.peek() in OPENING else (self.product(),)
            return Node("fn", arguments, "sum")
        letters: list[str] = []
        unlike = ""
        low, high = "1", ""
        if self.peek() in ("{", "("):
            closing = OPENING[self.peek()]
            self.place += 1
            while not self.take(closing):
                text = self.peek()
                if self.kind() == "name":
                    letters += [text] if self.names.known(text) and len(text) > 1 else list(text)
                    self.place += 1
                    if self.take("≠"):
                        unlike = self.peek()
                        self.place += 1
                    elif self.take("="):
                        low = self.peek()
                        self.place += 1
                elif not self.take(","):
                    raise self.fail("a sum is written Σ_i or Σ_{i=1}^n")
        else:
            letters = self.indices(1)
        if self.take("^"):
            if self.take("{"):
                high = self.peek()
                self.place += 1
                self.expect("}", "the upper end of a sum is a letter or a number")
            else:
                high = self.peek()
                self.place += 1
        if not letters or len(letters) > 6:
            raise self.fail("a sum is written Σ_i or Σ_{i=1}^n")
        if low != "1":
            raise Unreadable(f"cannot read a sum that begins at {low[:12]} here: indices count from 1.")
        body = self.term()
        slot = {letter: Var() for letter in letters}
        return Node("sum", (body,), f"{' '.join(letters)}|{high}|{unlike}", slot=slot)

    def _sum_of(self) -> Node:
        """The sum of x_i^2: over the indices that do not stand on the left side."""
        letters = []
        if self.take("over"):
            letters = self.indices(1)
        if not self.take("of"):
            raise self.fail("write a sum as Σ_i x_i")
        body = self.term()
        free = {index for index in _free_indices(body) if index.isalpha()} - self.outer
        letters = letters or sorted(free)
        if len(letters) != 1:
            raise Unreadable("cannot read this sum: write it as Σ_i x_i, and put words behind a #.")
        return Node("sum", (body,), f"{letters[0]}||", slot={letters[0]: Var()})


def _slope(node: Node) -> Node:
    """tanh'(a) = cosh(a)⁻² and σ'(a) = (2 cosh(a/2))⁻², entry by entry. What is inside stands once."""
    two = Node("num", value=2.0)
    (inside,) = node.args[:1]
    if node.name == "tanh":
        root = Node("fn", (inside,), "cosh")
    else:
        root = Node("mul", (two, Node("fn", (Node("div", (inside, two)),), "cosh")))
    return Node("pow", (root, Node("neg", (two,))), "⊙")


STAR = "⋆"


def _moved(node: Node) -> Node | None:
    """x for dx, x_i for dx_i and for ∂x_i, a for da; None for what is no differential."""
    if node.kind == "diff":
        return node.args[0]
    if node.kind in ("sub", "T") and node.args[0].kind == "diff":
        return replace(node, args=node.args[0].args)
    return None


def _dotted(terms: list[Node], names: Names) -> list[Node]:
    """a_1 + a_2 + … + a_n as a sum. Raises Unreadable when the terms do not follow one pattern."""
    place = next(i for i, term in enumerate(terms) if term.kind == "dots")
    first, last = terms[:place], terms[place + 1 : place + 2]
    rest = terms[place + 2 :]
    if not first or not last or any(term.kind == "dots" for term in rest):
        raise Unreadable("cannot read `…` here: write a sum as x_1^2 + x_2^2 + … + x_n^2, or with Σ_i.")
    sizes = {item for node in last[0].walk() if node.kind == "sub" for item in node.name.split()}
    for size in sorted(sizes & names.sizes):

        def at(node: Node, index: str, size: str = size) -> Node:  # the term of one index
            name = " ".join(index if item == size else item for item in node.name.split())
            args = tuple(at(arg, index) for arg in node.args)
            return replace(node, args=args, name=name if node.kind == "sub" else node.name)

        start = next((i for i, term in enumerate(first) if term == at(last[0], "1")), None)
        if start is not None and all(term == at(last[0], str(k + 1)) for k, term in enumerate(first[start:])):
            letter = "ⅈ"
            whole = Node("sum", (at(last[0], letter),), f"{letter}|{size}|", slot={letter: Var()})
            return [*first[:start], whole, *rest]
    raise Unreadable("cannot read `…` here: write a sum as x_1^2 + x_2^2 + … + x_n^2, or with Σ_i.")


# ------------------------------------------------------------------ sizes


class Var:
    """A size that is not known yet: that of I, or how far an index runs."""

    def __init__(self) -> None:
        self.bound: Dim | None = None


@dataclass(frozen=True)
class Dim:
    """A size: a number times letters times sizes that are not known yet."""

    number: int = 1
    letters: tuple[str, ...] = ()
    unknown: tuple[Var, ...] = ()

    def __mul__(self, other: Dim) -> Dim:
        letters = tuple(sorted(self.letters + other.letters))
        return Dim(self.number * other.number, letters, self.unknown + other.unknown)

    def resolved(self) -> Dim:
        """The same with what has become known."""
        if all(var.bound is None for var in self.unknown):
            return self
        dim = Dim(self.number, self.letters)
        for var in self.unknown:
            dim = dim * (var.bound.resolved() if var.bound is not None else Dim(1, (), (var,)))
        return dim

    def __str__(self) -> str:
        dim = self.resolved()
        parts = [*([str(dim.number)] if dim.number != 1 else []), *dim.letters, *("?" for _ in dim.unknown)]
        return "·".join(parts) or "1"

    def count(self, sizes: Mapping[str, int]) -> int:
        """The number itself. Raises Unreadable when something is not known."""
        dim = self.resolved()
        if dim.unknown:
            raise Unreadable("cannot tell a size here: write I_n, or a sum as Σ_{i=1}^n.")
        return dim.number * math.prod(sizes[letter] for letter in dim.letters)


ONE = Dim()
Size = tuple[Dim, Dim]
SCALAR: Size = (ONE, ONE)
ANY: Size = (Dim(0), Dim(0))  # of 0 and of o(h)


def unify(a: Dim, b: Dim) -> bool:
    """Whether two sizes are the same, or can be made so by what is not known yet."""
    a, b = a.resolved(), b.resolved()
    if a == b:
        return True
    left, right = list(a.letters), list(b.letters)
    for letter in a.letters:
        if letter in right:
            left.remove(letter)
            right.remove(letter)
    shared = [v for v in a.unknown if v in b.unknown]
    free_a = [v for v in a.unknown if v not in shared]
    free_b = [v for v in b.unknown if v not in shared]
    if not free_a and len(free_b) == 1:
        left, right, free_a, free_b, a, b = right, left, free_b, free_a, b, a
    if len(free_a) == 1 and not left and b.number % a.number == 0 and len(free_b) <= 1:
        free_a[0].bound = Dim(b.number // a.number, tuple(right), tuple(free_b))
        return True
    return False


def same(a: Size, b: Size) -> bool:
    """Whether two shapes are the same, or can be made so."""
    return unify(a[0], b[0]) and unify(a[1], b[1])


def is_scalar(size: Size) -> bool:
    """Whether this is a number's shape."""
    return size[0].resolved() == ONE and size[1].resolved() == ONE


def shape_text(size: Size) -> str:
    """A shape in words: a number, n, m×n."""
    rows, columns = (dim.resolved() for dim in size)
    if is_scalar(size):
        return "a number"
    return f"a vector of length {rows}" if columns == ONE else f"{rows}×{columns}"


@dataclass
class Definition:
    """What a text says a letter is: f(W) = …, R = …, or r_i = … entry by entry."""

    name: str
    body: Node
    params: tuple[str, ...] | None = None
    indices: tuple[str, ...] = ()
    slot: dict[str, Var] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Reading:
    """What a text may leave open: vec by rows or by columns, the layout, what x_k of a matrix X is.

    `moving` are the letters that differentials move; None for all that a differential names.
    """

    rows: bool = False
    numerator: bool = False
    denominator: bool = False
    examples: str = "columns"
    params: bool = True


@dataclass
class Scope:
    """What holds in one place: how far indices run, and the shapes of a function's own letters."""

    index: dict[str, Var] = field(default_factory=dict)
    shapes: dict[str, Size] = field(default_factory=dict)


_OF_ENTRIES = "exp log tanh sqrt sin cos tan sinh cosh sigmoid relu sign abs softplus softmax"
ENTRYWISE = frozenset(re.findall(r"\w+", _OF_ENTRIES))
LITERAL = {"num", "neg", "mul", "div"}


class Sizer:
    """Finds the shape of every formula, from the letters' shapes, before there is any number."""

    def __init__(self, names: Names, reading: Reading):
        self.names, self.reading = names, reading
        self.found: dict[str, Size] = {}
        self.open: list[str] = []
        self.products: list[str] = []
        self.noting = False
        self.line = -1  # the one that is checked
        self.due: Size | None = None  # the shape of what stands before the first =
        self.starred = False  # whether a * was read entry by entry

    def declared(self, name: str) -> Size:
        """The shape a letter was declared with."""
        dims = [Dim(1, (d,)) if isinstance(d, str) else Dim(d) for d in self.names.shapes[name]]
        return (dims[0], dims[1]) if len(dims) == 2 else (dims[0], ONE) if dims else SCALAR

    def of(self, node: Node, scope: Scope) -> Size:
        """The shape of a formula. Raises Misshapen, or Unreadable where it has no meaning."""
        method: Callable[[Node, Scope], Size] = getattr(self, "_" + node.kind)
        return method(node, scope)

    # -- letters

    def _num(self, node: Node, scope: Scope) -> Size:
        return ANY if node.value == 0 else SCALAR

    def _name(self, node: Node, scope: Scope) -> Size:
        name = node.name
        if name in scope.shapes:
            return scope.shapes[name]
        if name in self.names.definitions:
            return self.definition(name)
        if name in self.names.shapes:
            return self.declared(name)
        if name in self.names.sizes:
            return SCALAR
        raise self.unknown(name)

    def unknown(self, name: str) -> Unreadable:
        """What to say of a letter that nothing declares."""
        if name in ("for", "if", "when"):
            return Unreadable(f"cannot read `{name}` here: put words behind a #, and cases as `… if i = j`.")
        known = {*self.names.shapes, *self.names.definitions, *NAMED, *self.names.sizes}
        close = difflib.get_close_matches(name, sorted(known), 1, 0.6) if len(name) > 1 else []
        if not close and name.swapcase() in known:
            close = [name.swapcase()]
        if close:
            return Unreadable(f"cannot read `{name[:30]}` here: did you mean `{close[0]}`?")
        if len(name) > 2:
            return Unreadable(f"cannot read `{name[:30]}` here: put words behind a #.")
        return Unreadable(
            f"cannot read `{name[:30]}` here: say what it is on a line of its own, such as {name[:30]} = …, "
            "or give its shape to derive."
        )

    def definition(self, name: str) -> Size:
        """The shape of what the text defines."""
        if name not in self.found:
            definition = self.names.definitions[name]
            if name in self.open:
                raise Unreadable(f"cannot read {name} here: it is defined by itself.")
            self.open.append(name)
            try:
                size = self.of(definition.body, Scope(dict(definition.slot)))
            except Misshapen as problem:
                if definition.line == self.line:
                    raise
                raise Unreadable(f"cannot check this: {name} is not right on its own line.") from problem
            finally:
                self.open.pop()
            self.all_bound(definition.body, set(definition.indices))
            if definition.indices:
                if not is_scalar(size):
                    raise Misshapen(
                        f"an entry of {name} is a number, and the right side is {shape_text(size)}."
                    )
                dims = [Dim(1, (), (definition.slot[i],)) for i in definition.indices]
                size = (dims[0], dims[1] if len(dims) > 1 else ONE)
            if size == ANY:
                size = SCALAR
            if name in self.names.shapes and not same(size, self.declared(name)):
                raise Misshapen(
                    f"`{name}` is {shape_text(self.declared(name))}, and this is {shape_text(size)}."
                )
            self.found[name] = size
        return self.found[name]

    def all_bound(self, body: Node, own: set[str]) -> None:
        """Raises Unreadable when an index is neither summed nor one of the left side's own."""
        free = {i for i in _free_indices(body) - own if i.isalpha() and i not in self.names.sizes}
        if free:
            letter = min(free)
            raise Unreadable(
                f"cannot read the index {letter} here: it stands on one side only. Did you mean Σ_{letter}?"
            )

    def parameters(self, name: str, args: Sequence[Node]) -> tuple[str, ...]:
        """The letters that a call of this function sets."""
        definition = self.names.definitions[name]
        if definition.params is not None:
            if len(definition.params) != len(args):
                raise Unreadable(f"cannot read {name} here: it takes {len(definition.params)} arguments.")
            return definition.params
        inside = self.letters(definition.body)
        chosen = []
        for arg in args:
            own = [n.name for n in reversed(list(arg.walk())) if n.kind == "name" and n.name in inside]
            if not own:
                raise Unreadable(f"cannot read {name}(…) here: begin with {name}(x) = …, with its letter.")
            chosen.append(own[0])
        return tuple(chosen)

    def letters(self, node: Node) -> set[str]:
        """All letters a formula depends on, through definitions too."""
        found: set[str] = set()
        todo = [node]
        while todo:
            for part in todo.pop().walk():
                if part.kind in ("name", "call") and part.name not in found:
                    found.add(part.name)
                    if part.name in self.names.definitions:
                        todo.append(self.names.definitions[part.name].body)
        return found

    def _call(self, node: Node, scope: Scope) -> Size:
        params = self.parameters(node.name, node.args)
        own: dict[str, Size] = {}
        for param, arg in zip(params, node.args, strict=True):
            size = self.of(arg, scope)
            size = SCALAR if size == ANY else size
            if param not in self.names.free:
                due = self.declared(param) if param in self.names.shapes else self.definition(param)
                if not same(size, due):
                    raise Misshapen(
                        f"`{node.name}` takes {param}, {shape_text(due)}, "
                        f"but here it gets {shape_text(size)}."
                    )
            else:
                own[param] = size
        if not own:
            return self.definition(node.name)
        if node.name in self.open or len(self.open) > 12:
            raise Unreadable(f"cannot read {node.name} here: it is defined by itself.")
        self.open.append(node.name)
        try:
            definition = self.names.definitions[node.name]
            return self.of(definition.body, Scope(dict(definition.slot), own))
        finally:
            self.open.pop()

    def index(self, item: str, dim: Dim, scope: Scope) -> None:
        """Note that an index runs as far as dim. Raises Misshapen when it runs elsewhere too."""
        if item.isdigit() or item == ":":
            return
        if item not in scope.index:
            if item in self.names.sizes:
                if not unify(Dim(1, (item,)), dim):
                    raise Misshapen(f"entry {item} is asked for, where there are {dim}.")
                return
            if self.names.known(item) or len(item) != 1:
                raise Unreadable(
                    f"cannot read the index `{item[:12]}` here: an index is a letter such as i, or a number."
                )
            scope.index[item] = Var()
        was = Dim(1, (), (scope.index[item],))
        if not unify(was, dim):
            raise Misshapen(f"the index {item} counts {was} in one place and {dim} in another.")

    def example(self, node: Node) -> str:
        """X for x_k, when only the matrix X is declared: x_k is one of its columns or rows."""
        base = node.args[0]
        if base.kind == "name" and not self.names.known(base.name) and base.name[:1].islower():
            matrix = base.name.upper()
            if self.names.known(matrix):
                return matrix
        return ""

    def _sub(self, node: Node, scope: Scope) -> Size:
        items = node.name.split()
        matrix = self.example(node)
        base = node.args[0]
        if matrix and len(items) <= 2:
            base = Node("name", name=matrix)
        rows, columns = self.of(base, scope)
        if (rows, columns) == ANY or is_scalar((rows, columns)):
            raise Unreadable(
                f"cannot read `{written(node)}` here: {written(base)} is a number and has no entries."
            )
        if len(items) == 2 and columns.resolved() != ONE:
            by_rows = matrix and self.reading.examples == "columns"
            first, second = (columns, rows) if by_rows else (rows, columns)
            self.index(items[0], first, scope)
            self.index(items[1], second, scope)
            return (ONE if items[0] != ":" else rows, ONE if items[1] != ":" else columns)
        if len(items) == 1:
            if columns.resolved() == ONE:
                self.index(items[0], rows, scope)
                return SCALAR
            if rows.resolved() == ONE:
                self.index(items[0], columns, scope)
                return SCALAR
            if self.reading.examples == "columns":
                self.index(items[0], columns, scope)
                return (rows, ONE)
            self.index(items[0], rows, scope)
            return (columns, ONE)
        raise Unreadable(
            f"cannot read `{written(node)}` here: {written(base)} is {shape_text((rows, columns))}, so give "
            f"{'one index' if columns.resolved() == ONE else 'two indices'}."
        )

    def _delta(self, node: Node, scope: Scope) -> Size:
        for item in node.name.split():
            self.index(item, Dim(1, (), (node.slot,)), scope)
        return SCALAR

    def _unit(self, node: Node, scope: Scope) -> Size:
        items = node.name.split()
        for item, var in zip(items, node.slot, strict=False):
            self.index(item, Dim(1, (), (var,)), scope)
        return (Dim(1, (), (node.slot[0],)), Dim(1, (), (node.slot[1],)) if len(items) > 1 else ONE)

    def _sized(self, node: Node) -> Dim:
        dim = Dim(1, (), (node.slot,))
        if node.name:
            named = ONE
            for item in node.name.split():
                if item not in self.names.sizes and not item.isdigit():
                    raise Unreadable(f"cannot read `{written(node)}` here: {item[:12]} is no size.")
                named = named * (Dim(int(item)) if item.isdigit() else Dim(1, (item,)))
            unify(dim, named)
        return dim

    def _I(self, node: Node, scope: Scope) -> Size:
        dim = self._sized(node)
        return dim, dim

    def _ones(self, node: Node, scope: Scope) -> Size:
        return self._sized(node), ONE

    # -- sums and products

    def _neg(self, node: Node, scope: Scope) -> Size:
        return self.of(node.args[0], scope)

    def _add(self, node: Node, scope: Scope) -> Size:
        sizes = [self.of(arg, scope) for arg in node.args]
        known = [(size, arg) for size, arg in zip(sizes, node.args, strict=True) if size != ANY]
        if not known:
            return ANY
        size, first = next((pair for pair in known if not is_scalar(pair[0])), known[0])
        for other, arg in known:
            if is_scalar(other) and not is_scalar(size):
                square = size[0].resolved() == size[1].resolved()
                plain = all(part.kind in LITERAL for part in arg.walk())
                spread = any(part.kind in ("had", "fn", "pow") for _, a in known for part in a.walk())
                if plain and (not square or spread):
                    continue  # 1 − H²: from each entry
                advice = "a number cannot be added to it"
                if square and arg.kind in ("name", "num"):
                    advice = f"write {written(arg)} I"
                raise Misshapen(
                    f"`{written(arg)}` is a number and `{written(first)}` is {shape_text(size)}: {advice}."
                )
            if not same(other, size):
                raise Misshapen(
                    f"`{written(first)}` is {shape_text(size)} and `{written(arg)}` is {shape_text(other)}: "
                    "they cannot be added."
                )
        return size

    def _mul(self, node: Node, scope: Scope) -> Size:
        left, right = node.args
        a, b = self.of(left, scope), self.of(right, scope)
        if ANY in (a, b):
            return ANY if a == b else (b if a == ANY else a)
        if is_scalar(b) and not is_scalar(a) and is_one(right) and not node.name and a[1].resolved() != ONE:
            return a[0], ONE  # Y 1, with a vector of ones
        if is_scalar(a):
            return b
        if is_scalar(b):
            return a
        if node.name == "·" and a[1].resolved() == ONE and b[1].resolved() == ONE and same(a, b):
            return SCALAR
        if not unify(a[1], b[0]):
            x, y = written(left), written(right)
            both = f"{_factor(left, 1)} {_factor(right, 1)}"
            advice = ""
            if a == b:
                advice = f"; did you mean {_tight(x)}ᵀ {_tight(y)} or {_tight(x)} ⊙ {_tight(y)}"
            if a == b and node.name == "*":
                if a[1].resolved() != ONE or (self.due is not None and same(self.due, a)):
                    self.starred = True  # nothing but the product entry by entry fits, as in NumPy
                    return a
                raise Unreadable(f"cannot read `{both}` here: * is the product of matrices{advice}?")
            raise Misshapen(
                f"in `{both}` the inner sizes differ: `{x}` is {a[0]}×{a[1]} and `{y}` is {b[0]}×{b[1]}, "
                f"and {a[1]} is not {b[0]}{advice}" + ("?" if advice else ".")
            )
        if self.noting:
            note = f"{written(left)} · {written(right)}: ({a[0]}×{a[1]})({b[0]}×{b[1]}) = {a[0]}×{b[1]}"
            if note not in self.products:
                self.products.append(note)
        return a[0], b[1]

    def _div(self, node: Node, scope: Scope) -> Size:
        a, b = self.of(node.args[0], scope), self.of(node.args[1], scope)
        if is_scalar(b) or b == ANY:
            return a
        if b[1].resolved() == ONE and (is_scalar(a) or same(a, b)):
            return b
        if a == b:
            return a
        raise Unreadable(
            f"cannot read the division by `{written(node.args[1])}` here: it is {shape_text(b)}. Put the "
            "whole denominator into brackets, or multiply by an inverse."
        )

    def _both(self, node: Node, scope: Scope, sign: str) -> Size:
        a, b = self.of(node.args[0], scope), self.of(node.args[1], scope)
        if is_scalar(a) or a == ANY:
            return b
        if is_scalar(b) or b == ANY or same(a, b):
            return a
        story = (
            f"`{written(node.args[0])}` is {shape_text(a)} and `{written(node.args[1])}` is {shape_text(b)}, "
            f"but {sign} needs equal shapes"
        )
        near = list(node.args)
        while near[0].kind == "mul":
            near[0] = near[0].args[-1]
        while near[1].kind == "mul":
            near[1] = near[1].args[0]
        if near != list(node.args) and same(self.of(near[0], scope), self.of(near[1], scope)):
            raise Unreadable(f"cannot read this: {story}. Say by brackets what {sign} joins.")
        raise Misshapen(f"{story}.")

    def _had(self, node: Node, scope: Scope) -> Size:
        return self._both(node, scope, "⊙")

    def _over(self, node: Node, scope: Scope) -> Size:
        return self._both(node, scope, "⊘")

    def _frob(self, node: Node, scope: Scope) -> Size:
        self._both(node, scope, "a colon")
        return SCALAR

    def _inner(self, node: Node, scope: Scope) -> Size:
        self._both(node, scope, "an inner product")
        return SCALAR

    def _kron(self, node: Node, scope: Scope) -> Size:
        a, b = self.of(node.args[0], scope), self.of(node.args[1], scope)
        return a[0] * b[0], a[1] * b[1]

    def _T(self, node: Node, scope: Scope) -> Size:
        rows, columns = self.of(node.args[0], scope)
        return columns, rows

    def _inv(self, node: Node, scope: Scope) -> Size:
        size = self.of(node.args[0], scope)
        if size[1].resolved() == ONE and not is_scalar(size):
            raise Unreadable(f"cannot read `{written(node)}` here: a vector has no inverse.")
        if not unify(*size):
            raise Misshapen(
                f"`{written(node.args[0])}` is {shape_text(size)}: only a square matrix has an inverse."
            )
        return size

    def _pow(self, node: Node, scope: Scope) -> Size:
        base, power = self.of(node.args[0], scope), self.of(node.args[1], scope)
        if not is_scalar(power) and power != ANY:
            if is_scalar(base):
                return power
            raise Unreadable(f"cannot read `{written(node)}` here: a power is a number.")
        return base

    def _norm(self, node: Node, scope: Scope) -> Size:
        self.of(node.args[0], scope)
        return SCALAR

    _abs = _norm

    def _sum(self, node: Node, scope: Scope) -> Size:
        letters, high, unlike = node.name.split("|")
        inner = Scope({**scope.index, **node.slot}, scope.shapes)
        for letter in letters.split():
            if high:
                if not high.isdigit() and high not in self.names.sizes:
                    raise Unreadable(
                        f"cannot read a sum up to `{high[:12]}` here: it is no size of the letters."
                    )
                if high.isdigit() and (len(high) > 4 or int(high) > MAX_SIZE):
                    raise Unreadable(
                        f"cannot read a sum up to {high[:12]} here: at most {MAX_SIZE} terms are added."
                    )
                dim = Dim(int(high)) if high.isdigit() else Dim(1, (high,))
                if not unify(Dim(1, (), (node.slot[letter],)), dim):
                    raise Misshapen(
                        f"the index {letter} counts to {Dim(1, (), (node.slot[letter],))}, not {high}."
                    )
        size = self.of(node.args[0], inner)
        if unlike:
            if unlike not in inner.index:
                raise Unreadable(f"cannot read {letters} ≠ {unlike[:12]} here: {unlike[:12]} is no index.")
            self.index(letters.split()[-1], Dim(1, (), (inner.index[unlike],)), inner)
        for letter, var in inner.index.items():
            if letter not in node.slot:
                scope.index.setdefault(letter, var)
        return SCALAR if size == ANY else size

    def _listing(self, node: Node, scope: Scope) -> Size:
        if not is_scalar(self._sum(node, scope)):
            raise Unreadable("cannot read this: the entries of a vector are numbers.")
        (var,) = node.slot.values()
        return Dim(1, (), (var,)), ONE

    # -- functions and derivatives

    def _fn(self, node: Node, scope: Scope) -> Size:
        sizes = [self.of(arg, scope) for arg in node.args]
        sizes = [SCALAR if size == ANY else size for size in sizes]
        size, name = sizes[0], node.name
        two = name in ("dot", "inner", "outer", "kron")
        if len(sizes) != (2 if two else 1) and not (name in ("max", "min") and len(sizes) == 2):
            raise Unreadable(f"cannot read {name}(…) here: it takes {'two things' if two else 'one thing'}.")
        if name in ENTRYWISE:
            return size
        if name in ("tr", "det", "logdet", "inv"):
            if not unify(*size):
                what = {"tr": "trace", "inv": "inverse"}.get(name, "determinant")
                raise Misshapen(
                    f"`{written(node.args[0])}` is {shape_text(size)}: only a square matrix has a {what}."
                )
            return size if name == "inv" else SCALAR
        if name == "vec":
            return size[0] * size[1], ONE
        if name == "diag":
            if size[1].resolved() == ONE:
                return size[0], size[0]
            if size[0].resolved() == ONE:
                return size[1], size[1]
            if not unify(*size):
                raise Misshapen(f"`{written(node.args[0])}` is {shape_text(size)}: diag takes a vector.")
            return size[0], ONE
        if name == "transpose":
            return size[1], size[0]
        if name == "outer":
            return sizes[0][0], sizes[1][0]
        if name == "kron":
            return sizes[0][0] * sizes[1][0], sizes[0][1] * sizes[1][1]
        if name in ("max", "min") and len(sizes) == 2:
            if is_scalar(size):
                return sizes[1]
            if not is_scalar(sizes[1]) and not same(*sizes):
                raise Misshapen(f"`{name}` takes two things of one shape.")
            return size
        if two and not same(*sizes):
            raise Misshapen(f"`{name}` takes two things of one shape.")
        return SCALAR

    def _diff(self, node: Node, scope: Scope) -> Size:
        size = self.of(node.args[0], scope)
        return SCALAR if size == ANY else size

    def _step(self, node: Node, scope: Scope) -> Size:
        return self.of(node.args[0], scope)

    def _little(self, node: Node, scope: Scope) -> Size:
        self.of(node.args[0], scope)
        return ANY

    def _row(self, node: Node, scope: Scope) -> Size:
        (param,) = self.parameters(node.args[0].name, node.args[0].args)
        size = self._name(Node("name", name=param), scope)
        if node.value > 1 and (node.value > 3 or not is_scalar(size)):
            raise Unreadable(
                "cannot read this: a second derivative by primes is for a function of one number."
            )
        return self._by(self.of(node.args[0], scope), size, True)

    def _by(self, top: Size, bottom: Size, numerator: bool) -> Size:
        """The shape of a derivative of something by something."""
        if is_scalar(top) or top == ANY:
            return (bottom[1], bottom[0]) if numerator else bottom
        if is_scalar(bottom):
            return top
        if bottom[1].resolved() == ONE and top[1].resolved() == ONE:
            return (bottom[0], top[0]) if self.reading.denominator else (top[0], bottom[0])
        if bottom[1].resolved() == ONE and top[0].resolved() == ONE:
            return bottom[0], top[1]
        if bottom[0].resolved() == ONE and top[1].resolved() == ONE:
            return top[0], bottom[1]
        raise Unreadable(
            "cannot read the derivative of a matrix by a vector or a matrix: take entries, as in "
            "∂R_{ik}/∂W_{ab}, or vec, as in ∂vec(R)/∂vec(W)."
        )

    def _deriv(self, node: Node, scope: Scope) -> Size:
        size = self.of(node.args[0], scope)
        targets = node.args[1:]
        for target in targets:
            self.target(target)
        bottoms = [self.of(target, scope) for target in targets]
        if len(targets) == 2:
            if not is_scalar(size):
                if all(is_scalar(bottom) for bottom in bottoms):
                    return size
                raise Unreadable("cannot read a second derivative of a vector: take an entry of it.")
            a, b = bottoms
            if not all(b.resolved() == ONE for b in (a[1], b[1])) and not (
                a[1].resolved() == ONE and b[0].resolved() == ONE
            ):
                raise Unreadable("cannot read a second derivative by a matrix: take entries.")
            rows = a[0]
            columns = b[0] if b[1].resolved() == ONE else b[1]
            return (rows, columns) if not is_scalar(a) or is_scalar(b) else (columns, ONE)
        return self._by(size, bottoms[0], self.reading.numerator)

    def target(self, node: Node) -> Node:
        """The letter with respect to which is differentiated. Raises Unreadable when it is none."""
        inside = node
        while inside.kind in ("sub", "T") or (inside.kind == "fn" and inside.name == "vec"):
            inside = inside.args[0]
        if inside.kind == "name" and node.kind == "sub" and self.example(node):
            inside = Node("name", name=inside.name.upper())
        if inside.kind == "call" and inside.name in self.names.definitions:
            inside = Node("name", name=inside.name)
        if inside.kind != "name":
            raise Unreadable(
                f"cannot read the derivative by `{written(node)}` here: differentiate by a letter."
            )
        if inside.name in self.names.sizes and not self.names.known(inside.name):
            raise Unreadable(f"cannot read the derivative by {inside.name} here: it is a size.")
        return inside

    def gradient_targets(self, node: Node) -> tuple[Node, ...]:
        """With respect to what a ∇ is meant: what it says, or the one letter of the function."""
        if len(node.args) > 1:
            return node.args[1:]
        inside = node.args[0]
        if inside.kind == "call":
            params = self.parameters(inside.name, inside.args)
            if len(params) == 1:
                return (Node("name", name=params[0]),)
        if inside.kind == "name" and inside.name in self.names.definitions:
            params = self.names.definitions[inside.name].params or ()
            if len(params) == 1:
                return (Node("name", name=params[0]),)
        chosen = self.moving_hint(inside)
        if len(chosen) == 1:
            return (Node("name", name=chosen[0]),)
        raise Unreadable(f"cannot read `{written(node)}` here: say with respect to what, as in ∇_x f.")

    hint: tuple[str, ...] = ()  # letters that the text moves somewhere

    def moving_hint(self, inside: Node) -> list[str]:
        """Letters that the text moves somewhere and that stand in this formula; or its only letter."""
        letters = self.letters(inside)
        params = {p for d in self.names.definitions.values() for p in d.params or ()} - self.names.free
        chosen = [name for name in sorted(params) if name in letters]
        if len(chosen) != 1:
            chosen = [name for name in self.hint if name in letters]
        if not chosen:
            chosen = [
                name for name in self.names.shapes if name in letters and name not in self.names.definitions
            ]
        return chosen

    def _grad(self, node: Node, scope: Scope) -> Size:
        size = self.of(node.args[0], scope)
        targets = self.gradient_targets(node)
        (target,) = targets[:1]
        self.target(target)
        bottom = self.of(target, scope)
        if node.value == 2:
            if not is_scalar(size) or bottom[1].resolved() != ONE:
                raise Unreadable("cannot read this ∇²: it is for a number that depends on a vector.")
            return bottom[0], bottom[0]
        return self._by(size, bottom, False)

    def _dots(self, node: Node, scope: Scope) -> Size:
        raise Unreadable("cannot read `…` here: write a sum as x_1^2 + x_2^2 + … + x_n^2, or with Σ_i.")

    def _dop(self, node: Node, scope: Scope) -> Size:
        raise Unreadable("cannot read this ∂: a derivative is written ∂f/∂x.")


def is_one(node: Node) -> bool:
    """Whether this is the number 1."""
    return node.kind == "num" and node.value == 1


_TIGHT = {"name", "num", "fn", "call", "norm", "abs", "inner", "sub", "T", "pow", "inv", "I", "ones", "delta"}
_UNICODE_POWERS = {2.0: "²", 3.0: "³"}


def _tight(text: str) -> str:
    return text if len(text) <= 2 or text[-1] in ")‖" else f"({text})"


def written(node: Node, limit: int = 70) -> str:
    """A formula as text, as a person would write it; cut where it is long."""
    text = _written(node, 0)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _bracketed(node: Node, depth: int) -> str:
    text = _written(node, depth)
    return text if node.kind in _TIGHT or node.kind == "diff" else f"({text})"


def _written(node: Node, depth: int) -> str:
    kind, args = node.kind, node.args
    if depth > 30:
        return "…"
    deeper = depth + 1
    if kind == "num":
        return f"{node.value:g}"
    if kind == "name":
        return node.name
    if kind == "add":
        text = _written(args[0], deeper)
        for arg in args[1:]:
            text += (
                f" − {_factor(arg.args[0], deeper)}" if arg.kind == "neg" else f" + {_written(arg, deeper)}"
            )
        return text
    if kind == "neg":
        return f"−{_factor(args[0], deeper)}"
    if kind == "mul":
        sign = " · " if node.name == "·" else " "
        return sign.join(_factor(arg, deeper) for arg in args)
    if kind == "div":
        return f"{_factor(args[0], deeper)}/{_bracketed(args[1], deeper)}"
    if kind in ("had", "kron", "frob", "over"):
        sign = {"had": "⊙", "kron": "⊗", "frob": ":", "over": "⊘"}[kind]
        return f" {sign} ".join(_factor(arg, deeper) for arg in args)
    if kind == "T":
        return _bracketed(args[0], deeper) + "ᵀ"
    if kind == "inv":
        return _bracketed(args[0], deeper) + "⁻¹"
    if kind == "pow":
        power = args[1].value if args[1].kind == "num" else 0.0
        return _bracketed(args[0], deeper) + _UNICODE_POWERS.get(power, f"^({_written(args[1], deeper)})")
    if kind == "sub":
        return f"{_bracketed(args[0], deeper)}_{_script(node.name)}"
    if kind == "delta":
        return "δ_" + _script(node.name)
    if kind == "unit":
        return ("e_" if len(node.name) == 1 else "E_") + _script(node.name)
    if kind in ("I", "ones"):
        return ("I" if kind == "I" else "𝟏") + (f"_{_script(node.name)}" if node.name else "")
    if kind == "norm":
        return f"‖{_written(args[0], deeper)}‖{'_' + node.name if node.name else ''}"
    if kind == "abs":
        return f"|{_written(args[0], deeper)}|"
    if kind == "inner":
        return f"⟨{_written(args[0], deeper)}, {_written(args[1], deeper)}⟩"
    if kind == "sum":
        letters, _, unlike = node.name.split("|")
        script = letters.replace(" ", ",") + (f"≠{unlike}" if unlike else "")
        return f"Σ_{script if len(script) == 1 else '{' + script + '}'} {_factor(args[0], deeper)}"
    if kind == "listing":
        return f"(…, {_written(args[0], deeper)}, …)"
    if kind in ("fn", "call"):
        return f"{node.name}({', '.join(_written(arg, deeper) for arg in args)})"
    if kind == "diff":
        two = "²" if node.value == 2 else ""
        return f"d{two}{_bracketed(args[0], deeper)}"
    if kind == "deriv":
        two = "²" if len(args) == 3 else ""
        below = "".join("∂" + _bracketed(arg, deeper) for arg in args[1:])
        return f"∂{two}{_bracketed(args[0], deeper)}/{below}"
    if kind == "grad":
        target = f"_{_bracketed(args[1], deeper)} " if len(args) > 1 else ""
        return f"∇{'²' if node.value == 2 else ''}{target}{_bracketed(args[0], deeper)}"
    if kind == "row":
        inner = args[0]
        return (
            inner.name + "'" * int(node.value) + f"({', '.join(_written(arg, deeper) for arg in inner.args)})"
        )
    if kind == "step":
        return "Δ" + _written(args[0], deeper)
    if kind == "little":
        return f"o({_written(args[0], deeper)})"
    return "…"


def _factor(node: Node, depth: int) -> str:
    text = _written(node, depth)
    return f"({text})" if node.kind in ("add", "neg", "had", "kron", "frob") else text


def _script(name: str) -> str:
    items = name.replace(" ", "")
    return items if len(items) == 1 else "{" + items + "}"


# ------------------------------------------------------------------ numbers


@dataclass(frozen=True)
class Dual:
    """A value with its slope along one direction, which `tag` tells from other directions."""

    tag: int
    value: Data
    slope: Data


Data = np.ndarray | Dual
VALUES = -1  # an order: sides are compared where the step is 0
EPS = 0  # the tag of small steps; derivatives inside a line have higher ones


def _tag(x: Data) -> int:
    return x.tag if isinstance(x, Dual) else -1


def _parts(x: Data, tag: int) -> tuple[Data, Data | None]:
    return (x.value, x.slope) if isinstance(x, Dual) and x.tag == tag else (x, None)


def linear(function: Callable[[np.ndarray], np.ndarray], x: Data) -> Data:
    """A linear map of a value and its slopes."""
    if isinstance(x, Dual):
        return Dual(x.tag, linear(function, x.value), linear(function, x.slope))
    return function(x)


def plus(x: Data, y: Data) -> Data:
    """x + y."""
    tag = max(_tag(x), _tag(y))
    if not isinstance(x, Dual) and not isinstance(y, Dual):
        return x + y
    (x, dx), (y, dy) = _parts(x, tag), _parts(y, tag)
    slope = dx if dy is None else dy if dx is None else plus(dx, dy)
    assert slope is not None
    return Dual(tag, plus(x, y), slope)


def product(function: Callable[[np.ndarray, np.ndarray], np.ndarray], x: Data, y: Data) -> Data:
    """A product of two values, by the product rule."""
    tag = max(_tag(x), _tag(y))
    if tag < 0:
        assert isinstance(x, np.ndarray) and isinstance(y, np.ndarray)
        return function(x, y)
    (x, dx), (y, dy) = _parts(x, tag), _parts(y, tag)
    value = product(function, x, y)
    if dy is None:
        assert dx is not None
        return Dual(tag, value, product(function, dx, y))
    if dx is None:
        return Dual(tag, value, product(function, x, dy))
    return Dual(tag, value, plus(product(function, dx, y), product(function, x, dy)))


def times(x: Data, y: Data) -> Data:
    """x y, entry by entry."""
    return product(np.multiply, x, y)


def chained(x: Data, y: Data) -> Data:
    """x y, as matrices."""
    return product(np.matmul, x, y)


def scaled(x: Data, factor: float) -> Data:
    """A number times x."""
    return linear(lambda a: a * factor, x)


def turned(x: Data) -> Data:
    """The transpose."""
    return linear(lambda a: np.swapaxes(a, -1, -2), x)


def plain(x: Data) -> np.ndarray:
    """The value alone, without slopes."""
    while isinstance(x, Dual):
        x = x.value
    return x


def _slope_of(name: str, x: Data, y: Data) -> Data:
    """The derivative of an entrywise function at x, where its value is y."""
    one = np.ones((1,) * plain(x).ndim)
    if name in ("exp",):
        return y
    if name == "log":
        return entrywise("over", x)
    if name == "over":
        return scaled(times(y, y), -1.0)
    if name == "tanh":
        return plus(one, scaled(times(y, y), -1.0))
    if name == "sqrt":
        return scaled(entrywise("over", y), 0.5)
    if name == "sin":
        return entrywise("cos", x)
    if name == "cos":
        return scaled(entrywise("sin", x), -1.0)
    if name == "tan":
        return plus(one, times(y, y))
    if name in ("sinh", "cosh"):
        return entrywise("cosh" if name == "sinh" else "sinh", x)
    if name == "sigmoid":
        return times(y, plus(one, scaled(y, -1.0)))
    if name == "softplus":
        return entrywise("sigmoid", x)
    if name == "abs":
        return np.asarray(np.sign(plain(x)))
    if name == "relu":
        return (plain(x) > 0).astype(float)
    return np.zeros_like(plain(x))  # sign


_ENTRYWISE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "sign": np.sign,
    "abs": np.abs,
    "over": lambda x: 1.0 / x,
    "sigmoid": lambda x: 0.5 + 0.5 * np.tanh(0.5 * x),
    "softplus": lambda x: np.logaddexp(0.0, x),
    "relu": lambda x: np.maximum(x, 0.0),
}


def entrywise(name: str, x: Data) -> Data:
    """A function of every entry, by the chain rule."""
    if not isinstance(x, Dual):
        return _ENTRYWISE[name](x)
    value = entrywise(name, x.value)
    return Dual(x.tag, value, times(_slope_of(name, x.value, value), x.slope))


def power(x: Data, exponent: float) -> Data:
    """x to a constant power, entry by entry."""
    if not isinstance(x, Dual):
        return np.power(x, exponent)
    if exponent == 0:
        return linear(np.ones_like, x.value)
    slope = times(scaled(power(x.value, exponent - 1), exponent), x.slope)
    return Dual(x.tag, power(x.value, exponent), slope)


def inverse(x: Data) -> Data:
    """The inverse of a matrix. Raises Undecidable where it is nearly singular."""
    if not isinstance(x, Dual):
        try:
            if np.linalg.cond(x).max() > 1e6:
                raise Undecidable
            return np.linalg.inv(x)
        except np.linalg.LinAlgError:
            raise Undecidable from None
    value = inverse(x.value)
    return Dual(x.tag, value, scaled(chained(chained(value, x.slope), value), -1.0))


def _trace(x: Data) -> Data:
    return linear(lambda a: np.trace(a, axis1=-2, axis2=-1)[..., None, None], x)


def determinant(x: Data) -> Data:
    """The determinant; its slope is det(X) tr(X⁻¹ dX)."""
    if not isinstance(x, Dual):
        return np.asarray(np.linalg.det(x))[..., None, None]
    value = determinant(x.value)
    return Dual(x.tag, value, times(value, _trace(chained(inverse(x.value), x.slope))))


# ------------------------------------------------------------------ evaluation


@dataclass(frozen=True)
class Val:
    """An array for every value of some indices: data has their axes first, then rows and columns."""

    axes: tuple[str, ...]
    data: Data

    @property
    def core(self) -> tuple[int, int]:
        """Rows and columns."""
        shape = plain(self.data).shape
        return shape[-2], shape[-1]


@dataclass(frozen=True)
class Env:
    """What letters and indices mean in one place: values that replace the usual ones, and axes."""

    names: Mapping[str, Val] = field(default_factory=dict)
    index: Mapping[str, str] = field(default_factory=dict)


TOO_MUCH = "cannot check this: it takes too much computing. Use fewer indices or shorter lines."


class Budget:
    """How much may still be computed for one text."""

    def __init__(self) -> None:
        self.work, self.steps, self.kept = MAX_WORK, MAX_STEPS, MAX_KEPT

    def spend(self, entries: int) -> None:
        """Count one operation on so many entries. Raises Unreadable when it was too much."""
        self.charge(entries)
        if entries > MAX_ENTRIES:
            raise Unreadable(TOO_MUCH)

    def charge(self, work: int, steps: int = 1) -> None:
        """Count work that leaves no array behind. Raises Unreadable when it was too much."""
        self.work -= work
        self.steps -= steps
        if self.work < 0 or self.steps < 0:
            raise Unreadable(TOO_MUCH)

    def solves(self, data: Data) -> None:
        """Count inverses or determinants of these matrices, before they are computed."""
        *many, rows, columns = plain(data).shape
        count = math.prod(many) * max(1, sum(1 for _ in _components(data)))
        self.charge(count * rows * columns * (rows + columns), 3 + count * (1 + rows // 8))

    def keep(self, data: Data) -> bool:
        """Whether there is room for this, which is then taken."""
        size = sum(array.size for _, array in _components(data))
        if size > self.kept:
            return False
        self.kept -= size
        return True


class Evaluator:
    """Computes formulas from one set of random numbers.

    `moving` are the slopes that differentials have: dW for W. `order` says up to which power of a small
    step two sides are compared: 0 when there is none.
    """

    def __init__(
        self,
        sizer: Sizer,
        sizes: Mapping[str, int],
        values: Mapping[str, np.ndarray],
        moving: Mapping[str, np.ndarray],
        budget: Budget,
        loss: Node | None = None,
    ):
        self.sizer, self.names, self.sizes, self.values = sizer, sizer.names, sizes, values
        self.moving, self.budget, self.loss = moving, budget, loss
        self.extent: dict[str, int] = {}  # of axes
        self.cache: dict[str, Val] = {}
        self.dependence: dict[str, set[str]] = {}
        self.fresh = itertools.count(1)
        self.exact = False
        self.peak = 1.0
        self.depth = 0

    def of(self, node: Node, env: Env) -> Val:
        """The value of a formula. Raises Undecidable or Unreadable."""
        method: Callable[[Node, Env], Val] = getattr(self, "_" + node.kind)
        self.depth += 1
        if self.depth > 200:
            raise Unreadable("cannot check this: functions call each other too deep.")
        value = method(node, env)
        self.depth -= 1
        array = plain(value.data)
        self.budget.spend(array.size)
        if isinstance(value.data, Dual):
            self.budget.charge(sum(slope.size for _, slope in _components(value.data)), 0)
        size = float(np.abs(array).max())
        if not size < 1e30:
            raise Undecidable
        self.peak = max(self.peak, size)
        return value

    # -- axes

    def aligned(self, *values: Val) -> tuple[tuple[str, ...], list[Data]]:
        """The same values, each with all the axes of all of them."""
        axes: list[str] = []
        for value in values:
            axes += [axis for axis in value.axes if axis not in axes]
        if all(value.axes == tuple(axes) for value in values):
            return tuple(axes), [value.data for value in values]
        self.budget.spend(math.prod(self.extent[axis] for axis in axes))
        return tuple(axes), [self.spread(value, tuple(axes)) for value in values]

    def spread(self, value: Val, axes: tuple[str, ...]) -> Data:
        """The data of a value along more axes."""
        order = [value.axes.index(axis) for axis in axes if axis in value.axes]
        place = [k for k, axis in enumerate(axes) if axis not in value.axes]

        def move(a: np.ndarray) -> np.ndarray:
            a = np.transpose(a, [*order, a.ndim - 2, a.ndim - 1])
            for k in place:
                a = np.expand_dims(a, k)
            full = [a.shape[k] if axis.startswith("*") else self.extent[axis] for k, axis in enumerate(axes)]
            return np.broadcast_to(a, (*full, *a.shape[-2:]))

        return linear(move, value.data)

    def axis(self, size: int, mark: str) -> str:
        """A new axis of this size."""
        name = f"{mark}{next(self.fresh)}"
        self.extent[name] = size
        return name

    def _with_core(self, value: Val, core: tuple[int, int]) -> Val:
        """A number repeated in every entry of a matrix."""
        if value.core == core:
            return value
        ones = np.ones(core)
        return Val(value.axes, linear(lambda a: a * ones, value.data))

    # -- letters

    def _num(self, node: Node, env: Env) -> Val:
        return Val((), np.full((1, 1), node.value))

    def _name(self, node: Node, env: Env) -> Val:
        return self.letter(node.name, env)

    def letter(self, name: str, env: Env) -> Val:
        """The value of a letter here."""
        if name in env.names:
            return env.names[name]
        if name in self.names.definitions:
            return self._defined(name, env)
        if name in self.values:
            return Val((), self.values[name])
        return Val((), np.full((1, 1), float(self.sizes[name])))

    def _defined(self, name: str, env: Env) -> Val:
        definition = self.names.definitions[name]
        if name not in self.dependence:
            self.dependence[name] = self.sizer.letters(definition.body)
        replaced = self.dependence[name] & set(env.names)
        if not replaced and name in self.cache:
            return self.cache[name]
        inside = {key: env.names[key] for key in replaced}
        index = {i: self.axis(self._count(definition.slot[i]), "_") for i in definition.indices}
        value = self.of(definition.body, Env(inside, index))
        if definition.indices:
            axes = [axis for axis in value.axes if axis not in index.values()]
            order = (*axes, *index.values())
            data = self.spread(value, order)
            rest = len(index) == 2

            def fold(a: np.ndarray) -> np.ndarray:
                return a[..., 0, 0] if rest else a[..., 0]

            value = Val(tuple(axes), linear(fold, data))
        if not replaced and self.budget.keep(value.data):
            self.cache[name] = value
        return value

    def _count(self, var: Var) -> int:
        return Dim(1, (), (var,)).count(self.sizes)

    def _call(self, node: Node, env: Env) -> Val:
        params = self.sizer.parameters(node.name, node.args)
        own = {param: self.of(arg, env) for param, arg in zip(params, node.args, strict=True)}
        if all(arg == Node("name", name=param) for param, arg in zip(params, node.args, strict=True)):
            own = {
                param: value for param, value in own.items() if param in env.names or param not in self.values
            }
        return self._defined(node.name, Env({**env.names, **own}))

    def _I(self, node: Node, env: Env) -> Val:
        return Val((), np.eye(self._count(node.slot)))

    def _ones(self, node: Node, env: Env) -> Val:
        return Val((), np.ones((self._count(node.slot), 1)))

    def _delta(self, node: Node, env: Env) -> Val:
        i, j = (env.index.get(item, item) for item in node.name.split())
        if i == j:
            return Val((), np.ones((1, 1)))
        eye = np.eye(self._count(node.slot))
        for axis in (i, j):
            if axis.isdigit():
                raise Unreadable("cannot read this δ: its two indices are letters.")
            if axis not in self.extent:
                raise self._taken_by_size(axis)
        return Val((i, j), eye[:, :, None, None])

    def _unit(self, node: Node, env: Env) -> Val:
        items = node.name.split()
        value = self._unit_vector(items[0], node.slot[0], env)
        if len(items) == 1:
            return value
        other = self._unit_vector(items[1], node.slot[1], env)
        axes, (a, b) = self.aligned(value, other)
        return Val(axes, chained(a, turned(b)))

    def _unit_vector(self, item: str, var: Var, env: Env) -> Val:
        eye = np.eye(self._count(var))
        if item.isdigit():
            return Val((), eye[int(item) - 1][:, None])
        if item not in env.index:
            raise self._taken_by_size(item)
        return Val((env.index[item],), eye[:, :, None])

    def _taken_by_size(self, item: str) -> Unreadable:
        return Unreadable(
            f"cannot read the index {item} here: it is a size. Take another letter for the index."
        )

    # -- entries

    def _sub(self, node: Node, env: Env) -> Val:
        matrix = self.sizer.example(node)
        base = Node("name", name=matrix) if matrix else node.args[0]
        return self.entry(self.of(base, env), node.name.split(), env, bool(matrix))

    def entry(self, value: Val, items: Sequence[str], env: Env, example: bool = False) -> Val:
        """Entries, rows or columns of an array by their indices."""
        rows, columns = value.core
        if len(items) == 2:
            if example and self.sizer.reading.examples == "columns":
                items = [items[1], items[0]]
            return self._taken(self._taken(value, items[0], -2, env), items[1], -1, env)
        if columns == 1:
            return self._taken(value, items[0], -2, env)
        if rows == 1:
            return self._taken(value, items[0], -1, env)
        if self.sizer.reading.examples == "columns":
            return self._taken(value, items[0], -1, env)
        row = self._taken(value, items[0], -2, env)
        return Val(row.axes, turned(row.data))

    def _taken(self, value: Val, item: str, side: int, env: Env) -> Val:
        size = value.core[side]
        if item == ":":
            return value
        if item not in env.index and (item.isdigit() or item in self.sizes):
            place = int(item) if item.isdigit() else self.sizes[item]
            if not 1 <= place <= size:
                raise Unreadable(
                    f"cannot take entry {item} here: indices count from 1, and there may be only {size}."
                )
            return Val(value.axes, linear(lambda a: np.take(a, [place - 1], axis=side), value.data))
        axis = env.index[item]
        if axis not in value.axes:

            def out(a: np.ndarray) -> np.ndarray:
                return np.expand_dims(np.moveaxis(a, side, 0), side)

            return Val((axis, *value.axes), linear(out, value.data))
        place = value.axes.index(axis)

        def along(a: np.ndarray) -> np.ndarray:
            a = np.diagonal(a, axis1=place, axis2=a.ndim + side)
            return np.expand_dims(np.moveaxis(a, -1, place), side)

        return Val(value.axes, linear(along, value.data))

    # -- sums and products

    def _neg(self, node: Node, env: Env) -> Val:
        value = self.of(node.args[0], env)
        return Val(value.axes, scaled(value.data, -1.0))

    def _add(self, node: Node, env: Env) -> Val:
        whole = self.of(node.args[0], env)
        for arg in node.args[1:]:
            other = self.of(arg, env)
            core = whole.core if whole.core != (1, 1) else other.core
            axes, (a, b) = self.aligned(self._with_core(whole, core), self._with_core(other, core))
            whole = Val(axes, plus(a, b))
        return whole

    def _mul(self, node: Node, env: Env) -> Val:
        left, right = (self.of(arg, env) for arg in node.args)
        if is_one(node.args[1]) and not node.name and left.core[1] > 1:
            right = Val((), np.ones((left.core[1], 1)))
        axes, (a, b) = self.aligned(left, right)
        if (1, 1) in (left.core, right.core):
            return Val(axes, times(a, b))
        if node.name == "*" and left.core == right.core and left.core[0] != left.core[1]:
            return Val(axes, times(a, b))
        if left.core[1] == right.core[1] == 1:
            return Val(axes, chained(turned(a), b))
        return Val(axes, chained(a, b))

    def _div(self, node: Node, env: Env) -> Val:
        left, right = (self.of(arg, env) for arg in node.args)
        if float(np.abs(plain(right.data)).min()) < 1e-9:
            raise Undecidable
        axes, (a, b) = self.aligned(left, right)
        return Val(axes, times(a, entrywise("over", b)))

    _over = _div

    def _had(self, node: Node, env: Env) -> Val:
        axes, (a, b) = self.aligned(*(self.of(arg, env) for arg in node.args))
        return Val(axes, times(a, b))

    def _frob(self, node: Node, env: Env) -> Val:
        value = self._had(node, env)
        return Val(value.axes, linear(_total, value.data))

    _inner = _frob

    def _kron(self, node: Node, env: Env) -> Val:
        axes, (a, b) = self.aligned(*(self.of(arg, env) for arg in node.args))
        return Val(axes, product(_kronecker, a, b))

    def _T(self, node: Node, env: Env) -> Val:
        value = self.of(node.args[0], env)
        return Val(value.axes, turned(value.data))

    def _inv(self, node: Node, env: Env) -> Val:
        value = self.of(node.args[0], env)
        if value.core == (1, 1):
            return self._div(Node("div", (Node("num", value=1.0), node.args[0])), env)
        self.budget.solves(value.data)
        return Val(value.axes, inverse(value.data))

    def _pow(self, node: Node, env: Env) -> Val:
        inside, two = node.args
        if inside.kind == "norm" and inside.name in ("", "2", "F") and two == Node("num", value=2.0):
            value = self.of(inside.args[0], env)  # no root: ‖h‖² has a slope at 0
            return Val(value.axes, linear(_total, times(value.data, value.data)))
        base = self.of(inside, env)
        exponent = self.of(two, env)
        given = exponent.data
        constant = not isinstance(given, Dual) and given.size == 1
        k = float(plain(given).reshape(-1)[0]) if constant else 0.0
        rows, columns = base.core
        if constant and abs(k) > MAX_POWER:
            raise Unreadable(f"cannot compute the power {k:g}: at most {MAX_POWER}.")
        if constant and rows == columns > 1 and node.name != "⊙":
            if k != int(k):
                raise Unreadable(f"cannot read `{written(node)}` here: a matrix has whole powers only.")
            for _ in range(1 + abs(int(k)) // 2):
                self.budget.solves(base.data)
            data: Data = np.broadcast_to(np.eye(rows), plain(base.data).shape)
            for _ in range(abs(int(k))):
                data = chained(data, base.data)
            return Val(base.axes, inverse(data) if k < 0 else data)
        if constant:
            with np.errstate(all="ignore"):
                data = base.data
                if k == 2:
                    return Val(base.axes, times(data, data))
                if k < 0 and float(np.abs(plain(data)).min()) < 1e-9:
                    raise Undecidable
                return self._finite(Val(base.axes, power(data, k)))
        logarithm = self._entry_function("log", base)
        axes, (a, b) = self.aligned(logarithm, exponent)
        return self._entry_function("exp", Val(axes, times(a, b)))

    def _finite(self, value: Val) -> Val:
        data = value.data
        while isinstance(data, Dual):
            if not np.isfinite(plain(data.slope)).all():
                raise Undecidable
            data = data.value
        if not np.isfinite(data).all():
            raise Undecidable
        return value

    def _norm(self, node: Node, env: Env) -> Val:
        value = self.of(node.args[0], env)
        if node.name == "1":
            return Val(value.axes, linear(_total, entrywise("abs", value.data)))
        if node.name == "∞":
            return self._greatest(Val(value.axes, entrywise("abs", value.data)), 1.0)
        if node.name not in ("", "2", "F"):
            raise Unreadable(f"cannot read the norm ‖·‖_{node.name[:8]} here: write ‖·‖, ‖·‖_F or ‖·‖_1.")
        return self._length(value)

    def _length(self, value: Val) -> Val:
        square = linear(_total, times(value.data, value.data))
        if float(plain(square).min()) < 1e-18:
            raise Undecidable
        return Val(value.axes, entrywise("sqrt", square))

    def _greatest(self, value: Val, sign: float) -> Val:
        flat = sign * plain(value.data).reshape((*plain(value.data).shape[:-2], -1))
        if flat.shape[-1] > 1 and float(np.diff(np.sort(flat, axis=-1), axis=-1)[..., -1].min()) < 1e-6:
            raise Undecidable
        mask = np.reshape(flat == flat.max(axis=-1, keepdims=True), plain(value.data).shape).astype(float)
        return Val(value.axes, linear(lambda a: _total(a * mask), value.data))

    def _abs(self, node: Node, env: Env) -> Val:
        value = self.of(node.args[0], env)
        if value.core == (1, 1):
            return Val(value.axes, entrywise("abs", value.data))
        if value.core[0] == value.core[1]:
            self.budget.solves(value.data)
            return Val(value.axes, determinant(value.data))
        return self._length(value)

    def _sum(self, node: Node, env: Env) -> Val:
        letters, _, unlike = node.name.split("|")
        index = {letter: self.axis(self._count(node.slot[letter]), "_") for letter in letters.split()}
        value = self.of(node.args[0], Env(env.names, {**env.index, **index}))
        if unlike:
            last = letters.split()[-1]
            eye = np.eye(self.extent[index[last]])
            apart = Val((index[last], env.index.get(unlike) or index[unlike]), (1 - eye)[:, :, None, None])
            axes, (a, b) = self.aligned(value, apart)
            value = Val(axes, times(a, b))
        for axis in index.values():
            if axis in value.axes:
                place = value.axes.index(axis)
                axes = tuple(a for a in value.axes if a != axis)
                value = Val(axes, linear(_summed(place), value.data))
            else:
                value = Val(value.axes, scaled(value.data, float(self.extent[axis])))
        return value

    def _listing(self, node: Node, env: Env) -> Val:
        ((letter, var),) = node.slot.items()
        axis = self.axis(self._count(var), "_")
        value = self.of(node.args[0], Env(env.names, {**env.index, letter: axis}))
        axes = tuple(a for a in value.axes if a != axis)
        data = self.spread(value, (*axes, axis))
        return Val(axes, linear(lambda a: a[..., 0], data))

    # -- functions

    def _entry_function(self, name: str, value: Val) -> Val:
        x = plain(value.data)
        if name in ("abs", "sign", "relu") and float(np.abs(x).min()) < 1e-6:
            raise Undecidable  # a kink
        if (name in ("log", "sqrt") and float(x.min()) < 1e-9) or (name == "exp" and float(x.max()) > 60):
            raise Undecidable
        return self._finite(Val(value.axes, entrywise(name, value.data)))

    def _fn(self, node: Node, env: Env) -> Val:
        values = [self.of(arg, env) for arg in node.args]
        value, name = values[0], node.name
        if name in _ENTRYWISE:
            return self._entry_function(name, value)
        if name == "softmax":
            return Val(value.axes, _softmax(value.data))
        if name == "generic":  # a loss of which nothing is known
            weights = np.cos(1.0 + 3.0 * np.arange(value.core[0] * value.core[1])).reshape(value.core)
            bent = entrywise("sin", plus(value.data, weights))
            return Val(value.axes, linear(_total, times(bent, 1.0 + weights**2 * np.ones_like(plain(bent)))))
        if name == "logsumexp":
            exps = self._entry_function("exp", value)
            return self._entry_function("log", Val(value.axes, linear(_total, exps.data)))
        if name == "tr":
            return Val(value.axes, _trace(value.data))
        if name in ("sum", "mean"):
            count = value.core[0] * value.core[1] if name == "mean" else 1
            return Val(value.axes, scaled(linear(_total, value.data), 1.0 / count))
        if name == "norm":
            return self._length(value)
        if name in ("det", "logdet", "inv"):
            self.budget.solves(value.data)
        if name in ("det", "logdet"):
            result = Val(value.axes, determinant(value.data))
            return self._entry_function("log", result) if name == "logdet" else result
        if name == "inv":
            return Val(value.axes, inverse(value.data))
        if name == "transpose":
            return Val(value.axes, turned(value.data))
        if name == "vec":
            by_rows = self.sizer.reading.rows
            data = value.data if by_rows else turned(value.data)
            return Val(value.axes, linear(lambda a: a.reshape((*a.shape[:-2], -1, 1)), data))
        if name == "diag":
            return Val(value.axes, linear(_diagonal, value.data))
        if name in ("max", "min"):
            sign = 1.0 if name == "max" else -1.0
            if len(values) == 1:
                return self._greatest(value, sign)
            core = value.core if value.core != (1, 1) else values[1].core
            axes, (a, b) = self.aligned(*(self._with_core(v, core) for v in values))
            apart = self._entry_function("abs", Val(axes, plus(a, scaled(b, -1.0))))
            return Val(axes, scaled(plus(plus(a, b), scaled(apart.data, sign)), 0.5))
        axes, (a, b) = self.aligned(*values)
        if name == "outer":
            return Val(axes, chained(a, turned(b)))
        if name == "kron":
            return Val(axes, product(_kronecker, a, b))
        return Val(axes, linear(_total, times(a, b)))  # dot, inner

    # -- derivatives

    def slope(self, value: Val, tag: int) -> Val:
        """The slope along one direction; 0 when the value does not move."""
        if isinstance(value.data, Dual) and value.data.tag == tag:
            return Val(value.axes, value.data.slope)
        return Val(value.axes, np.zeros_like(plain(value.data)))

    def _diff(self, node: Node, env: Env) -> Val:
        if self.loss is not None:
            target = node.args[0]
            return self._deriv(Node("deriv", (self.loss, target)), env)
        value = self.of(node.args[0], env)
        tags = [next(self.fresh) for _ in range(int(node.value))]
        names = dict(env.names)
        for name, direction in self.moving.items():
            base = self.letter(name, env)
            step = np.broadcast_to(direction, plain(base.data).shape)
            data: Data = Dual(tags[0], base.data, step)
            if len(tags) == 2:
                data = Dual(tags[1], data, step)
            names[name] = Val(base.axes, data)
        value = self.of(node.args[0], Env(names, env.index))
        for tag in reversed(tags):
            value = self.slope(value, tag)
        if self.exact:
            return value
        return (
            Val(value.axes, Dual(EPS, linear(np.zeros_like, value.data), value.data))
            if not isinstance(value.data, Dual)
            else value
        )

    def _step(self, node: Node, env: Env) -> Val:
        name = node.args[0].name
        letters = self.sizer.letters(node)
        moved = dict(env.names)
        for letter in letters:
            if "Δ" + letter in self.values:
                axes, (a, b) = self.aligned(self.letter(letter, env), self.letter("Δ" + letter, env))
                moved[letter] = Val(axes, plus(a, b))
        after, before = self.letter(name, Env(moved)), self.letter(name, env)
        axes, (a, b) = self.aligned(after, before)
        return Val(axes, plus(a, scaled(b, -1.0)))

    def _little(self, node: Node, env: Env) -> Val:
        return Val((), np.zeros((1, 1)))

    def _row(self, node: Node, env: Env) -> Val:
        value = self._grad(Node("grad", node.args, value=node.value), env)
        scalar = value.core[1] == 1
        return Val(value.axes, turned(value.data)) if scalar else value

    def _grad(self, node: Node, env: Env) -> Val:
        inside = node.args[0]
        targets = self.sizer.gradient_targets(node)
        if inside.kind == "call" and len(node.args) == 1:
            params = self.sizer.parameters(inside.name, inside.args)
            given = {param: self.of(arg, env) for param, arg in zip(params, inside.args, strict=True)}
            env = Env({**env.names, **given}, env.index)
            inside = Node("call", tuple(Node("name", name=param) for param in params), inside.name)
        result = inside
        for _ in range(int(node.value)):
            result = Node("deriv", (result, targets[0]), "∇")
        return self._deriv(result, env)

    def _deriv(self, node: Node, env: Env) -> Val:
        if len(node.args) == 3:
            first = Node("deriv", node.args[:2], "∇")
            return self._deriv(Node("deriv", (first, node.args[2]), "∇"), env)
        top, target = node.args
        letter = self.sizer.target(target)
        by_vec = target.kind == "fn"
        base = self.letter(letter.name, env)
        rows, columns = base.core
        tag, axis = next(self.fresh), self.axis(rows * columns, "*")
        order = np.arange(rows * columns).reshape(rows, columns)
        if by_vec and not self.sizer.reading.rows:
            order = order.reshape(columns, rows).T
        directions = np.zeros((rows * columns, rows, columns))
        directions[order, np.arange(rows)[:, None], np.arange(columns)[None, :]] = 1.0
        axes = (axis, *base.axes)
        self.budget.spend(directions.size * math.prod(self.extent[a] for a in base.axes))
        old = linear(lambda a: a[None], base.data)
        spread = directions.reshape((rows * columns, *(1,) * len(base.axes), rows, columns))
        spread = np.broadcast_to(spread, (rows * columns, *plain(base.data).shape))
        moved = Env({**env.names, letter.name: Val(axes, Dual(tag, old, spread))}, env.index)
        top = self._written_with(top, letter.name)
        value = self.slope(self.of(top, moved), tag)
        if axis not in value.axes:
            value = Val(value.axes, np.zeros_like(plain(value.data)))
            value = Val((axis, *value.axes), linear(lambda a: a[None], value.data))
        rest = tuple(a for a in value.axes if a != axis)
        data = linear(lambda a: np.moveaxis(a, value.axes.index(axis), -3), value.data)
        data = linear(lambda a: np.broadcast_to(a, (*a.shape[:-3], rows * columns, *a.shape[-2:])), data)
        a, b = plain(data).shape[-2:]
        if (a, b) == (1, 1):
            shape = (rows * columns, 1) if by_vec else (rows, columns)
            gradient = Val(rest, linear(lambda x: x.reshape((*x.shape[:-3], *shape)), data))
            gradient = self._at(gradient, target, env)
            numerator = self.sizer.reading.numerator and node.name != "∇"
            return Val(gradient.axes, turned(gradient.data)) if numerator else gradient
        if rows == columns == 1:
            return Val(rest, linear(lambda x: x[..., 0, :, :], data))
        if target.kind == "sub":
            return self._by_entry(Val(rest, data), target, (rows, columns), env)
        if b == 1:
            data = linear(lambda x: np.swapaxes(x[..., 0], -1, -2), data)
            return Val(rest, turned(data) if self.sizer.reading.denominator else data)
        return Val(rest, linear(lambda x: x[..., 0, :], data))  # of a row, by a column

    def _written_with(self, top: Node, letter: str) -> Node:
        """The same formula as one that contains a letter which stands for an intermediate result."""
        if letter not in self.names.definitions or letter in self.sizer.letters(top):
            return top
        for other in self.names.alternates.get(top.name, []) if top.kind in ("name", "call") else []:
            if letter in self.sizer.letters(other):
                return other
        raise Unreadable(
            f"cannot take this derivative by {letter}: `{written(top)}` is not written with {letter}. Add a "
            f"line that says what it is with {letter}."
        )

    def _at(self, value: Val, target: Node, env: Env) -> Val:
        """The entries of a gradient that a derivative by x_i or xᵀ asks for."""
        if target.kind == "sub":
            inner = self._at(value, target.args[0], env)
            return self.entry(inner, target.name.split(), env, bool(self.sizer.example(target)))
        if target.kind == "T":
            inner = self._at(value, target.args[0], env)
            return Val(inner.axes, turned(inner.data))
        return value

    def _by_entry(self, value: Val, target: Node, shape: tuple[int, int], env: Env) -> Val:
        """The derivative of an array by one entry: an axis of it for each index."""
        a, b = value.core
        flat = linear(lambda x: x.reshape((*x.shape[:-3], *shape, a * b)), value.data)
        wide = linear(lambda x: np.moveaxis(x, -1, 0), flat)
        hidden = self.axis(a * b, "_")
        entry = self.entry(
            Val((hidden, *value.axes), wide), target.name.split(), env, bool(self.sizer.example(target))
        )
        if entry.core != (1, 1):
            raise Unreadable("cannot read this derivative: take one entry on each side.")
        place = entry.axes.index(hidden)
        axes = tuple(x for x in entry.axes if x != hidden)
        data = linear(lambda x: np.moveaxis(x[..., 0, 0], place, -1), entry.data)
        return Val(axes, linear(lambda x: x.reshape((*x.shape[:-1], a, b)), data))


def _summed(place: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda a: np.asarray(a.sum(axis=place))


def _total(a: np.ndarray) -> np.ndarray:
    return np.asarray(a.sum(axis=(-2, -1), keepdims=True))


def _kronecker(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    wide: np.ndarray = a[..., :, None, :, None] * b[..., None, :, None, :]
    return wide.reshape((*wide.shape[:-4], a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1]))


def _diagonal(a: np.ndarray) -> np.ndarray:
    rows, columns = a.shape[-2:]
    if columns == 1:
        return a * np.eye(rows)
    if rows == 1:
        return np.swapaxes(a, -1, -2) * np.eye(columns)
    return np.diagonal(a, axis1=-2, axis2=-1)[..., None].copy()


def _softmax(x: Data) -> Data:
    """As it is defined: what keeps it from overflowing is a task of the course, and no draw here is large."""
    exps = entrywise("exp", x)
    return times(exps, entrywise("over", linear(_total, exps)))


# ------------------------------------------------------------------ reading a text


@dataclass
class Statement:
    """One claim of a line: its formulas, the signs between them, and what joins it to the line before."""

    line: int
    joint: str
    formulas: list[Node]
    signs: list[str]
    posed: bool = False  # by a word such as "suppose"
    starred: bool = False
    cases: tuple[str, str, str] = ("", "", "")  # i, =, j: holds only there
    defines: str = ""
    later: Definition | None = None  # what it makes of a letter that was free until here

    @property
    def goes_on(self) -> bool:
        """Whether it begins with a sign, and so continues the line before."""
        return len(self.signs) == len(self.formulas)


@dataclass
class Text:
    """A text that was read: its lines, the statements in them, and what could not be read."""

    raw: list[str]
    statements: list[Statement]
    problems: dict[int, str]
    remarks: dict[int, str]
    names: Names
    small: set[str] = field(default_factory=set)
    assumed: dict[str, tuple[str, int]] = field(default_factory=dict)  # a condition, and from which line on
    asides: list[Statement] = field(default_factory=list)  # "since Σ_k y_k = 1"
    targets: set[str] = field(default_factory=set)


UNREADABLE = "cannot read this: write it in shorter formulas, each on a line of its own."
CONDITIONS = (  # in the order in which they are brought about
    "positive",
    "symmetric",
    "positive definite",
    "invertible",
    "orthogonal",
    "one-hot",
    "sums to 1",
    "unit",
)
STEPS = frozenset("hHεtsvVδkKEuUDP")
RANGE = re.compile(
    r",?\s*\(?(?:for\s+)?\b[a-z]\s*(?:,\s*[a-z]\s*)*=\s*1\s*,\s*(?:2\s*,\s*)?(?:…|\.\.\.|\\[lc]?dots)\s*,\s*\w+\)?\s*$"
)
CASE = re.compile(
    r"(?:,?\s*\b(?:for|if|when|where|case)\b\s*|[,;]\s*|\s+\(\s*(?=[a-z]\s*(?:=|≠|!=|\\neq?\b)\s*[a-z]\s*\)))"
    r"([a-z])\s*(=|≠|!=|\\neq?\b)\s*([a-z])\s*\)?\s*(?P<zero>(?:[,;]|\band\b|\belse\b)*\s*0\s*(?:otherwise|else)?)?$"
)
GIVEN_NAME = "taskloss"
SETTING = re.compile(r"^\s*(?:layout\s*[:=]?\s*)?(numerator|denominator)(?:[ -]layout)?\s*[:.]?\s*$", re.I)
SPACE = re.compile(r"^\s*\w+(?:\s*,\s*\w+)*\s*(?:∈|\\in\b)\s*(?:ℝ|R\b|\\mathbb|\\R\b).*$")
SYMBOLS = re.compile(r"^[\s$\\\[\]().,;&]*$")


def _comment(line: str) -> str:
    return re.split(r"#|(?<!\\)%|(?<![:/])//", line, maxsplit=1)[0]


def _lines(text: str) -> list[tuple[str, str]]:
    """The lines that say something, as written and without their comments. An operator continues a line."""
    found: list[tuple[str, str]] = []
    for raw in re.split(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text):
        formula = re.sub(r"\s+", " ", _comment(raw))  # long runs of blanks cost the patterns below time
        if SYMBOLS.match(formula) or re.fullmatch(rf"\s*\\(?:{_SPACING})\s*", formula):
            continue
        goes_on = re.match(r"\s*&?\s*(?:[+·⊙⊗*/]|[-−–](?!>))", formula) and not re.search(r"[=⇔⇒≈]", formula)
        if goes_on and found:
            before = found[-1]
            found[-1] = (before[0] + "\n" + raw.strip(), re.sub(r"\\\\\s*$", "", before[1]) + " " + formula)
        else:
            found.append((raw.strip(), formula))
    return found


def _pieces(tokens: list[Token]) -> list[list[Token]]:
    """The statements of one line: parted by a comma or a word where no bracket is open."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in "([{⟨") - (token.text in ")]}⟩") if len(token.text) == 1 else 0
        words = ("where", "with", "and", "so", "hence", "thus", "therefore", "then", "but")
        if depth == 0 and (token.text in (",", ";") or (token.kind == "name" and token.text in words)):
            pieces.append([])
        else:
            pieces[-1].append(token)
    pieces = [piece for piece in pieces if piece]
    joined: list[list[Token]] = []
    for piece in pieces:
        if joined and not any(t.text in ("=", "≈", "⇔", "⇒") for t in piece):
            joined[-1] += [Token("op", ","), *piece]
        else:
            joined.append(piece)
    return joined


def _head(piece: list[Token]) -> tuple[str, tuple[str, ...] | None, tuple[str, ...]] | None:
    """What a statement may define: f(W) = … , R = … or r_i = … ; None for others."""
    texts = [token.text for token in piece]
    if not piece or piece[0].kind != "name" or "=" not in texts:
        return None
    end = texts.index("=")
    left = texts[1:end]
    name = _canonical(texts[0])
    if "".join(left) in (STAR, "*", "^*", "^⋆", "^{*}", "^{⋆}", "_*", "_⋆", "_{*}", "_{⋆}"):
        return name + STAR, None, ()
    if left[:1] == ["_"] and left[1:2] and left[1:2][0].isdigit():
        name, left = _canonical(texts[0] + left[1]), left[2:]
    elif left[:2] == ["_", "{"] and left[2:3] and left[2].isdigit() and left[3:4] == ["}"]:
        name, left = _canonical(texts[0] + left[2]), left[4:]
    if not left:
        return name, None, ()
    if left[0] in ("(", "[") and left[-1] in (")", "]"):
        inside = left[1:-1]
        params = inside[::2]
        if all(t in (",", ";") for t in inside[1::2]) and all(p[:1].isalpha() for p in params) and params:
            return name, tuple(_canonical(p) for p in params), ()
    if left[0] == "_":
        items = [t for t in left[1:] if t not in ("{", "}", "(", ")", ",")]
        letters = "".join(items)
        if letters.isalpha() and len(letters) <= 2 and all(t.isalpha() or t in "{}()," for t in left[1:]):
            return name, None, tuple(letters)
    return None


def read(text: str, shapes: Mapping[str, Shape], given: bool = False) -> Text:
    """Read a text, line by line; what cannot be read is noted with its line.

    given: the first line is the task's, and its letters keep their meaning.
    """
    names = Names(shapes)
    found = Text([], [], {}, {}, names)
    prepared: list[tuple[int, list[list[Token]], bool, tuple[str, str, str], bool]] = []
    lines = _lines(text)
    if len(lines) > MAX_LINES:
        lines = lines[:MAX_LINES]
        found.problems[MAX_LINES - 1] = f"cannot read more than {MAX_LINES} lines."
    for number, (raw, formula) in enumerate(lines):
        found.raw.append(raw)
        if SETTING.match(formula) or SPACE.match(formula):
            found.remarks[number] = "noted"
            continue
        try:
            if len(raw) > MAX_LINE:
                raise Unreadable(f"cannot read a line of more than {MAX_LINE} characters.")
            prepared.append((number, *_prepared(formula)))
        except (Unreadable, *FAILURES) as problem:
            found.problems[number] = str(problem) if isinstance(problem, Unreadable) else UNREADABLE
    for _, pieces, *_ in prepared:
        alone = {token.text for piece in pieces for token in piece if token.kind == "name"}
        names.loose |= {text for text in alone & STEPS if not names.known(text)}
    seen: set[str] = set()
    defining: dict[tuple[int, int], str] = {}
    later: dict[tuple[int, int], Definition] = {}
    fixed: set[str] = set()
    for number, pieces, *_ in prepared:
        for place, piece in enumerate(pieces):
            head = _head(piece)
            inside = [_canonical(token.text) for token in piece if token.kind == "name"]
            fresh = {name for name in inside if name in names.shapes and name not in names.free | seen}
            if head and head[0] in names.free - fixed and inside.count(head[0]) == 1 and fresh:
                names.free.discard(head[0])  # L(u) = …, then u = y − Φ θ
                del names.shapes[head[0]]
            if head and _defines(head, names, seen, inside):
                name, params, indices = head
                slot = {i: Var() for i in indices}
                names.definitions[name] = Definition(
                    name, Node("num", value=1.0), params, indices, slot, number
                )
                own = [p for p in params or () if not names.known(p)]
                names.free.update(own)
                names.shapes.update(dict.fromkeys(own, ()))
                defining[number, place] = name
            elif head and _defines_later(head, names, seen - fixed, inside):
                name, params, indices = head
                slot = {i: Var() for i in indices}
                later[number, place] = Definition(name, Node("dots"), params, indices, slot, number)
            seen.update(inside)
            fixed.update(inside if given and number == 0 else ())
    claimed = {id(pieces[0][0]) for _, pieces, *_ in prepared if pieces and pieces[0]}  # f'(x) = …: of one f
    for piece in (piece for _, pieces, *_ in prepared for piece in pieces):
        for token, after in itertools.pairwise(piece):
            name = _canonical(token.text)
            primed = after.text == "'" and token.kind == "name" and id(token) not in claimed
            if primed and name in "fgF" and not names.known(name):
                names.free.add("ξ")  # f' of an f that nobody defines: any function
                names.shapes["ξ"] = ()
                body = Node("fn", (Node("name", name="ξ"),), "generic")
                names.definitions[name] = Definition(name, body, ("ξ",))
    for name in [name for name in names.shapes if name[0] == "d" and names.known(name[1:])]:
        del names.shapes[name]  # dy of a y that is there is its differential
    for number, pieces, posed, cases, zero in prepared:
        try:
            for place, piece in enumerate(pieces):
                parser = Parser(piece, names)
                name = defining.get((number, place), "")
                parser.heading = name.endswith(STAR)
                for joint, formulas, signs in parser.statement():
                    statement = Statement(number, joint, formulas, signs, posed, cases=cases, defines=name)
                    statement.starred = any(t.text == "⋆" for t in piece) or _has_star(piece)
                    if zero and formulas:
                        delta = Node("delta", name=f"{cases[0]} {cases[2]}", slot=Var())
                        formulas[-1] = Node("mul", (delta, formulas[-1]))
                        statement.cases = ("", "", "")
                    if name and len(formulas) > 1:
                        names.definitions[name].body = formulas[1]
                        if name.endswith(STAR):
                            statement.defines = ""  # it is claimed that the condition leads there
                    if (number, place) in later and len(formulas) == 2:
                        statement.later = later.pop((number, place))
                        statement.later.body = formulas[1]
                    name = ""
                    found.statements.append(statement)
                    for node in formulas:
                        _check_depth(node)
        except (Unreadable, *FAILURES) as problem:
            found.problems[number] = str(problem) if isinstance(problem, Unreadable) else UNREADABLE
            for place in range(len(pieces)):
                broken = names.definitions.get(defining.get((number, place), ""))
                if broken is not None:
                    broken.body = Node("dots")
    for number, (_, formula) in enumerate(lines):
        found.asides += _aside(formula, names, number)
    _losses(found)
    _steps(found)
    _assumptions(found)
    _intermediates(found)
    return found


def _has_star(piece: list[Token]) -> bool:
    texts = [token.text for token in piece]
    return any(a == "^" and b == "*" for a, b in itertools.pairwise(texts)) or texts[1:3] == ["*", "="]


def _check_depth(formula: Node) -> None:
    level, depth = [formula], 0
    count = 0
    while level:
        depth += 1
        count += len(level)
        if depth > 90 or count > 1500:
            raise Unreadable("cannot read this: the formula is too long. Give a part of it a name.")
        level = [arg for node in level for arg in node.args]


def _aside(formula: str, names: Names, line: int) -> list[Statement]:
    """What a formula is said to hold for, as in "since Σ_k y_k = 1"; nothing where that is no equation."""
    match = re.search(r"\b(?:since|because|as|using|by|if|when|with)\b([^=]*=[^=]*)$", formula, re.I)
    if match is None or CASE.search(formula):
        return []
    try:
        tail = re.sub(r"[.,;)\]]+\s*$", "", match[1].strip())
        groups = Parser(_tokens(_normal(tail)), names).statement()
    except Unreadable:
        return []
    return [Statement(line, joint, formulas, signs) for joint, formulas, signs in groups]


def _prepared(formula: str) -> tuple[list[list[Token]], bool, tuple[str, str, str], bool]:
    formula = formula.strip()
    posed = bool(POSED.match(formula))
    formula = POSED.sub("", formula, count=1) if posed else formula
    formula = LEADING.sub("", LABEL.sub("", formula, count=1))
    if POSED.match(formula):
        posed, formula = True, POSED.sub("", formula, count=1)
    for _ in range(2):
        formula = TRAILING.sub("", RANGE.sub("", REMARK.sub("", formula)))
        formula = re.sub(r"[.,;:]\s*$", "", formula.strip())
    cases, zero = ("", "", ""), False
    if match := CASE.search(formula):
        sign = "=" if match[2] == "=" else "≠"
        cases, zero = (match[1], sign, match[3]), bool(match["zero"])
        formula = formula[: match.start()]
    return _pieces(_tokens(_normal(formula))), posed, cases, zero


def _defines(
    head: tuple[str, tuple[str, ...] | None, tuple[str, ...]], names: Names, seen: set[str], inside: list[str]
) -> bool:
    name, params, _ = head
    letters = set(inside)
    if name.endswith(STAR):
        return name not in names.definitions and names.known(name[:-1]) and inside.count(name[:-1]) == 1
    if name in names.definitions or name in names.sizes or name in NAMED or inside.count(name) > 1:
        return False
    if name in names.shapes and name in seen:
        return False
    if name[0] in "dΔ" and len(name) > 1 and names.known(name[1:]):
        return False
    if name == "e" and not letters & set(names.shapes):
        return False  # 2.718…
    if name == "I" or (name == "δ" and head[2]) or len(name) > 12:
        return False
    if len(name) > 1 and name not in names.shapes and params is None:
        pieces = Parser([], names)._split(name)
        if pieces:
            return False
    return True


def _defines_later(
    head: tuple[str, tuple[str, ...] | None, tuple[str, ...]], names: Names, seen: set[str], inside: list[str]
) -> bool:
    """Whether z = W x may say what z is from here on, after lines in which z was free.

    It brings in a letter that was not there; w = (XᵀX)⁻¹ Xᵀ y does not: that claims something of w. A letter
    such as h may also be a size before it is a layer.
    """
    name, params, _ = head
    if params is not None or name in names.definitions or inside.count(name) > 1:
        return False
    fresh = {letter for letter in inside if letter in names.shapes and letter not in seen} - {name}
    if name in names.shapes:
        return name in seen and bool(fresh)
    return name in names.sizes and name not in seen


def _losses(text: Text) -> None:
    """∂L/∂Y of an L that nobody defines: any function of what comes last, such as Y."""
    names = text.names
    sizer = Sizer(names, Reading())
    targets: dict[str, list[str]] = {}
    for node in (node for formula in _formulas(text) for node in formula.walk()):
        slope = node.kind in ("deriv", "grad") and node.args[0].kind == "name" and len(node.args) > 1
        if slope and not names.known(node.args[0].name):
            letters = [n.name for n in node.args[1].walk() if n.kind == "name" and names.known(n.name)]
            targets.setdefault(node.args[0].name, []).extend(letters)
    for name, letters in targets.items():
        if letters and len(name) == 1:
            last = max(
                letters, key=lambda n: (len(sizer.letters(Node("name", name=n))), n in names.definitions)
            )
            names.definitions[name] = Definition(name, Node("fn", (Node("name", name=last),), "generic"))


def _steps(text: Text) -> None:
    """Letters such as h in f(x + h), which nobody declares: they get the shape of what they are added to."""
    names = text.names
    for name in list(names.shapes) + list(names.definitions):
        used = any(n == Node("name", name="Δ" + name) for f in _formulas(text) for n in f.walk())
        if (
            used or any(n.kind == "step" for f in _formulas(text) for n in f.walk())
        ) and name in names.shapes:
            names.shapes["Δ" + name] = names.shapes[name]
            text.small.add("Δ" + name)
    sizer = Sizer(names, Reading())
    said = {s.formulas[0].name for s in text.statements if s.formulas[0].kind == "name"}
    for formula in _formulas(text):
        for node in formula.walk():
            if node.kind == "mul" and node.args[0].kind == "row" and node.args[1].kind == "name":
                step, (call,) = node.args[1].name, node.args[0].args
                params = names.definitions[call.name].params or ()
                if step in STEPS and not names.known(step) and len(params) == 1:
                    names.shapes[step] = names.shapes.get(params[0], ())
            if node.kind != "add":
                continue
            shape = next((s for s in (_shape_of(arg, sizer) for arg in node.args) if s is not None), None)
            if shape is None:
                continue
            for arg in node.args:
                arg = arg.args[0] if arg.kind == "neg" else arg
                factors = [arg]
                while factors[0].kind == "mul":
                    factors[:1] = list(factors[0].args)
                for place, factor in enumerate(factors):
                    small = factor.kind == "name" and factor.name in STEPS - said
                    if small and not names.known(factor.name):
                        last = place == len(factors) - 1
                        names.shapes[factor.name] = shape if last else ()
                        text.small.add(factor.name)


def _shape_of(node: Node, sizer: Sizer) -> Shape | None:
    """The shape of a letter that is declared; None for anything else."""
    if node.kind in ("name", "sub") and node.name in sizer.names.shapes and node.name not in STEPS:
        return sizer.names.shapes[node.name]
    return None


def _formulas(text: Text) -> list[Node]:
    return [formula for statement in text.statements for formula in statement.formulas]


def _assumptions(text: Text) -> None:
    """Lines such as Σ_k y_k = 1 or A = Aᵀ are conditions on a letter."""
    for statement in sorted([*text.statements, *text.asides], key=lambda one: one.line):
        if statement.defines or statement.goes_on or len(statement.formulas) != 2 or statement.joint:
            continue
        left, right = statement.formulas
        for a, b in ((left, right), (right, left)):
            letter = condition = ""
            total = a.args[0] if a.kind in ("sum", "fn") and a.args and is_one(b) else None
            if a.kind == "mul" and is_one(b) and a.args[0].kind in ("T", "ones", "name"):
                parts = [n.name for n in a.walk() if n.kind == "name"]
                if len(parts) == 1 and any(n.kind == "ones" or is_one(n) for n in a.walk()):
                    letter, condition = parts[0], "sums to 1"
                elif a == Node("mul", (Node("T", (a.args[1],)), a.args[1])) and a.args[1].kind == "name":
                    letter, condition = a.args[1].name, "unit"
            elif total is not None and (a.kind == "sum" or a.name == "sum"):
                base = total.args[0] if total.kind == "sub" else total
                letter, condition = (base.name if base.kind == "name" else ""), "sums to 1"
            elif a.kind == "norm" and is_one(b) and a.args[0].kind == "name" and not a.name:
                letter, condition = a.args[0].name, "unit"
            elif a.kind == "T" and a.args[0] == b and b.kind == "name":
                letter, condition = b.name, "symmetric"
            elif a.kind == "mul" and b.kind == "I" and a.args[0] == Node("T", (a.args[1],)):
                letter, condition = a.args[1].name, "orthogonal"
            if letter in text.names.shapes and letter not in text.names.definitions:
                text.assumed.setdefault(letter, (condition, statement.line))


def _intermediates(text: Text) -> None:
    """∂f/∂r needs f written with r: where r's formula stands in another definition, it is r."""
    names = text.names
    for formula in _formulas(text):
        for node in formula.walk():
            if node.kind == "deriv" or (node.kind == "grad" and len(node.args) > 1):
                for target in node.args[1:]:
                    text.targets.update(n.name for n in target.walk() if n.kind == "name")
    sizer = Sizer(names, Reading())
    for name in text.targets & set(names.definitions):
        definition = names.definitions[name]
        if definition.indices or definition.body.kind in ("name", "num", "dots"):
            continue
        below = sizer.letters(definition.body)
        for other in names.definitions.values():
            if other.name != name and other.name not in below:
                other.body = _replaced(other.body, definition.body, Node("name", name=name))
    subject = ""
    for statement in text.statements:
        first = statement.formulas[0]
        if not statement.goes_on:
            plain_call = first.kind == "call" and all(arg.kind == "name" for arg in first.args)
            subject = first.name if (first.kind == "name" or plain_call) and not statement.joint else ""
        if subject in names.definitions:
            names.alternates.setdefault(subject, []).extend(
                formula for formula in statement.formulas if formula != first or statement.goes_on
            )


def _replaced(node: Node, old: Node, new: Node) -> Node:
    if node == old:
        return new
    args = tuple(_replaced(arg, old, new) for arg in node.args)
    return node if all(a is b for a, b in zip(args, node.args, strict=True)) else replace(node, args=args)


# ------------------------------------------------------------------ claims


@dataclass(frozen=True)
class Instance:
    """Sizes for the letters of shapes, numbers for the letters of formulas, a direction for each."""

    sizes: dict[str, int]
    values: dict[str, np.ndarray]
    directions: dict[str, np.ndarray]


def draw(names: Names, conditions: Mapping[str, tuple[str, ...]], seed: int, attempt: int) -> Instance:
    """Numbers of size one, never near 0. Every third attempt has positive ones, for logarithms."""
    rng = np.random.default_rng([seed, attempt])
    letters = sorted(names.sizes)
    numbers = {d for shape in names.shapes.values() for d in shape}  # a letter's size is none of these
    pool = [k for k in (3, 5, 4, 7, 6, 2, *range(8, 64)) if k not in numbers][: max(len(letters), 4)]
    pool = [int(k) for k in np.random.default_rng([seed]).permutation(pool)]
    turned_by = attempt % len(pool)  # so that every letter has another size each time
    sizes = dict(zip(letters, pool[turned_by:] + pool[:turned_by], strict=False))
    values, directions = {}, {}
    for name in sorted(names.shapes):
        shape = [sizes[d] if isinstance(d, str) else d for d in names.shapes[name]]
        core = (*shape, *(1,) * (2 - len(shape)))
        sign = np.where(rng.random(core) < 0.5, -1.0, 1.0) if attempt % 3 != 2 else 1.0
        value = sign * rng.uniform(0.3, 1.5, core)
        direction = rng.normal(size=core)
        for condition in conditions.get(name, ()):
            value, direction = _conditioned(condition, value, direction, rng)
        values[name], directions[name] = value, direction
    return Instance(sizes, values, directions)


def _conditioned(
    condition: str, value: np.ndarray, direction: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    if condition == "sums to 1":
        value = (
            value - (value.sum(axis=0) - 1.0) / len(value) if (value < 0).any() else value / value.sum(axis=0)
        )
        return value, direction - direction.mean(axis=0)
    if condition == "positive":
        return np.abs(value), direction
    if condition == "one-hot":
        hot = np.zeros_like(value)
        hot[rng.integers(len(value), size=value.shape[1]), np.arange(value.shape[1])] = 1.0
        return hot, np.zeros_like(direction)
    if condition == "unit":
        unit = value / np.linalg.norm(value)
        turn = np.triu(rng.normal(size=(len(value), len(value))), 1)
        return unit, plain(chained(turn - turn.T, unit))  # a step along the sphere
    if value.shape[0] != value.shape[1]:
        return value, direction
    if condition == "symmetric":
        return _mirrored(value), _mirrored(direction)
    if condition == "positive definite":
        return _mirrored(value) + 2.0 * len(value) * np.eye(len(value)), _mirrored(direction)
    if condition == "orthogonal":
        q = np.linalg.qr(value)[0]
        return q, q @ (direction - direction.T)
    return value + 2.0 * np.eye(len(value)), direction  # invertible


def _mirrored(a: np.ndarray) -> np.ndarray:
    """The symmetric matrix with this upper half."""
    return np.asarray(np.triu(a) + np.triu(a, 1).T)


def _components(data: Data) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """The value and all slopes of small steps, each with the tags it belongs to."""
    if isinstance(data, Dual):
        below = _components(data.value)
        return below + [((data.tag, *tags), array) for tags, array in _components(data.slope)]
    return [((), data)]


@dataclass
class Seen:
    """Both sides of an equation on one instance: equal or not, and what they were."""

    equal: bool
    left: np.ndarray
    right: np.ndarray
    sizes: Mapping[str, int]
    zero: bool = False  # so it would be equal with twice the left side


@dataclass
class Found:
    """What is said of one statement."""

    verdict: str
    message: str = ""
    slip: str = ""
    kind: str = "value"
    uses: tuple[str, ...] = ()
    carried: bool = False  # it follows from a line that is wrong
    idle: bool = False  # both sides are 0, or compared only where the step is
    claim: Claim | None = None


Key = tuple[str, tuple[str, ...]]  # a derivative: of what, by which letters


class Checker:
    """Checks the statements of a text one after the other, in one reading of it."""

    def __init__(
        self,
        text: Text,
        reading: Reading,
        conditions: Mapping[str, tuple[str, ...]],
        seed: int,
        budget: Budget,
    ):
        self.text, self.names, self.reading, self.seed, self.budget = text, text.names, reading, seed, budget
        self.sizer = Sizer(text.names, reading)
        self.conditions = dict(conditions)
        self.drawn: dict[int, Instance] = {}
        self.evaluators: dict[tuple[object, ...], Evaluator] = {}
        self.subject: Node | None = None
        self.previous: Node | None = None
        self.fine = True  # whether the line before follows
        self.scope = Scope()
        self.condition: list[tuple[Node, Node]] = []
        self.root: list[tuple[Node, Node]] = []  # the condition that was posed, of which these follow
        self.claimed: list[tuple[Found, Key, frozenset[Key]]] = []  # true claims, and what they rest on
        self.gradient: Node | None = None
        self.gradients: list[Node] = []  # all that are right, and partial derivatives by every entry
        self.explained = 0
        self.gap = False  # whether a line before could not be read
        self.sound = True  # whether all lines of this chain so far are true
        self.solved: dict[tuple[object, ...], tuple[Evaluator, Env] | None] = {}  # points, by equations
        self.told: dict[Node, bool] = {}  # formulas that were compared with the function of the task
        self.lost = False  # whether the formula before could not be read
        formulas = _formulas(text)
        self.moved_by = self._differentials(text.statements)
        hint = [
            n
            for n in names_of_targets(formulas)
            if n in self.names.shapes and n not in self.names.definitions
        ]
        self.sizer.hint = tuple(dict.fromkeys([*hint, *sorted(self.moved_by)]))
        self.loss = self._loss()

    # -- what moves

    def _differentials(self, statements: Iterable[Statement]) -> set[str]:
        """Letters whose own differential stands in these statements."""
        found: set[str] = set()
        for statement in statements:
            constant = len(statement.formulas) == 2 and statement.formulas[1] == Node("num", value=0.0)
            for formula in statement.formulas:
                for node in formula.walk():
                    if node.kind == "diff" and not constant:
                        name = node.args[0].args[0] if node.args[0].kind in ("sub", "T") else node.args[0]
                        if name.kind == "name" and name.name in self.names.shapes:
                            found.add(name.name)
        return found - set(self.names.definitions)

    def _loss(self) -> Node | None:
        """The function whose derivatives dP, dH are, when the text writes them so: dP = P − Y.

        The differential of a letter that nothing defines is free, so an equation for it claims nothing of it.
        """
        later = {statement.later.name for statement in self.text.statements if statement.later is not None}
        for statement in self.text.statements:
            left, *rest = statement.formulas
            while left.kind in ("sub", "T"):
                left = left.args[0]
            if statement.goes_on or left.kind != "diff" or not rest or rest[0].kind == "num":
                continue
            letter = left.args[0].name if left.args[0].kind == "name" else ""
            if not letter or (letter in self.names.definitions and self._is_scalar(letter)):
                continue
            behind = [node.args[0].name for node in rest[0].walk() if node.kind == "diff"]
            if letter in behind or (behind and (letter in self.names.definitions or letter in later)):
                continue
            scalars = [name for name in self.names.definitions if self._is_scalar(name)]
            if scalars:
                return Node("name", name=scalars[-1])
            behind = [name for name in behind if name in self.names.definitions]
            if behind:
                return Node("fn", (Node("name", name=max(behind, key=self._depth)),), "generic")
        return None

    def _depth(self, name: str) -> int:
        return len(self.sizer.letters(Node("name", name=name)))

    def _is_scalar(self, name: str) -> bool:
        try:
            return is_scalar(self.sizer.definition(name)) and not self.names.definitions[name].indices
        except (Unreadable, Misshapen):
            return False

    def movings(self, statement: Statement) -> list[tuple[str, ...]]:
        """The letters that may be meant to move, most likely first."""
        until = [s for s in self.text.statements if s.line <= statement.line]
        params = {
            p
            for d in self.names.definitions.values()
            for p in d.params or ()
            if p in self.names.shapes and p not in self.names.definitions
        }
        named = self._differentials(until)
        own = set() if statement.goes_on else self._differentials([statement])
        if not params and not named:
            named = self.moved_by or {n for n in self.names.shapes if n not in self.names.definitions}
        chosen = [tuple(sorted(letters)) for letters in (params, named, own, self.moved_by) if letters]
        still = [letters for letters in chosen if self._all_move(statement, letters)]
        return list(dict.fromkeys(still or chosen))

    def _all_move(self, statement: Statement, letters: tuple[str, ...]) -> bool:
        """Whether every differential of something defined can differ from 0 when these letters move."""
        before = [self.previous] if self.previous is not None and statement.goes_on else []
        for node in (node for formula in [*statement.formulas, *before] for node in formula.walk()):
            named = node.kind == "diff" and node.args[0].kind in ("name", "call")
            if named and node.args[0].name not in self.names.definitions:
                continue
            if named and not self.sizer.letters(node.args[0]) & set(letters):
                return False
        return True

    # -- numbers

    def instance(self, attempt: int, free: str = "") -> Instance:
        """The numbers of one attempt; those of the letter `free` without its condition."""
        if free:
            return draw(
                self.names, {k: v for k, v in self.conditions.items() if k != free}, self.seed, attempt
            )
        if attempt not in self.drawn:
            self.drawn[attempt] = draw(self.names, self.conditions, self.seed, attempt)
        return self.drawn[attempt]

    def evaluator(
        self,
        attempt: int,
        moving: tuple[str, ...],
        exact: bool,
        order: int,
        free: str = "",
        small: Iterable[str] = (),
    ) -> tuple[Evaluator, Env]:
        """What computes on these numbers, and small steps in the letters that are increments."""
        key = (attempt, moving, exact, free)
        instance = self.instance(attempt, free)
        if key not in self.evaluators:
            directions = {name: instance.directions[name] for name in moving if name in instance.directions}
            evaluator = Evaluator(
                self.sizer, instance.sizes, instance.values, directions, self.budget, self.loss
            )
            evaluator.exact = exact
            evaluator.fresh = itertools.count(10)
            self.evaluators[key] = evaluator
        evaluator = self.evaluators[key]
        names = {}
        for name in {*self.text.small, *small} if order else ():
            step = instance.values[name]
            data: Data = Dual(EPS, np.zeros_like(step), step)
            if order > 1:
                data = Dual(EPS + 1, data, Dual(EPS, step, np.zeros_like(step)))
            names[name] = Val((), data)
        return evaluator, Env(names)

    def seen(
        self,
        pairs: Sequence[tuple[Node, Node]],
        scope: Scope,
        statement: Statement,
        moving: tuple[str, ...],
        order: int,
        free: str = "",
        count: int = INSTANCES,
    ) -> list[list[Seen]]:
        """Each pair of formulas on up to three instances that can decide about all of them."""
        formulas = [formula for pair in pairs for formula in pair]
        exact = any(node.kind == "diff" and node.value == 2 for f in formulas for node in f.walk())
        small = self._small(formulas) if order else set()
        found: list[list[Seen]] = [[] for _ in pairs]
        for attempt in range(ATTEMPTS):
            evaluator, env = self.evaluator(attempt, moving, exact, order, free, small)
            try:
                index = {}
                for letter, var in scope.index.items():
                    evaluator.extent[letter] = Dim(1, (), (var,)).count(evaluator.sizes)
                    index[letter] = letter
                if order > 2:
                    raise Undecidable  # dual numbers are carried to the second power
                results = self._results(evaluator, Env(env.names, index), pairs, statement.cases, order)
            except Undecidable:
                try:  # where a step of 0 has no value, such as (f(x + h) − f(x))/h
                    results = self._faded(evaluator, Env({}, index), pairs, order, small)
                except Undecidable:
                    continue
            for one, result in zip(found, results, strict=True):
                one.append(result)
            if len(found[0]) == count:
                break
        return found

    def _small(self, formulas: Iterable[Node]) -> set[str]:
        """The letters that are steps: those that nobody declares, and those in an o(h)."""
        nodes = [n for f in formulas for part in f.walk() if part.kind == "little" for n in part.walk()]
        named = {n.name for n in nodes if n.kind == "name" and n.name in self.names.shapes}
        return self.text.small | (named - set(self.names.definitions))

    def _results(
        self,
        evaluator: Evaluator,
        env: Env,
        pairs: Sequence[tuple[Node, Node]],
        cases: tuple[str, str, str],
        order: int,
    ) -> list[Seen]:
        evaluator.peak, evaluator.depth = 1.0, 0
        known: dict[int, Val] = {}
        for formula in (formula for pair in pairs for formula in pair):
            if id(formula) not in known:
                known[id(formula)] = evaluator.of(formula, env)
        return [self._compared(evaluator, known[id(a)], known[id(b)], cases, order) for a, b in pairs]

    def _faded(
        self,
        evaluator: Evaluator,
        env: Env,
        pairs: Sequence[tuple[Node, Node]],
        order: int,
        small: Iterable[str],
    ) -> list[Seen]:
        """Whether both sides come together faster than the step to a power, as it is halved."""
        if not order:
            raise Undecidable
        differences: list[list[float]] = [[] for _ in pairs]
        last: list[Seen] = []
        for halved in range(3, 8):
            steps = {name: Val((), evaluator.values[name] * 0.5**halved) for name in small}
            last = []
            for (a, b), one in zip(pairs, differences, strict=True):
                here = Env(steps, env.index)
                _, (x, y) = evaluator.aligned(evaluator.of(a, here), evaluator.of(b, here))
                left, right = plain(x), plain(y)
                one.append(float(np.abs(left - right).max()))
                last.append(Seen(False, left, right + np.zeros_like(left), evaluator.sizes))
        results = []
        for one, seen in zip(differences, last, strict=True):
            rates = [math.log2(a / b) for a, b in itertools.pairwise(one) if b > 1e-10]
            if not rates and max(one) > 1e-9:
                raise Undecidable
            results.append(replace(seen, equal=not rates or rates[-1] > max(order, 0) + 0.5))
        return results

    def _compared(
        self, evaluator: Evaluator, a: Val, b: Val, cases: tuple[str, str, str], order: int = 0
    ) -> Seen:
        axes, (x, y) = evaluator.aligned(a, b)
        mask = _mask(axes, cases, evaluator.extent)
        if mask is not None and not mask.any():
            raise Undecidable  # no entry is meant, as in i ≠ i
        left, right = dict(_components(x)), dict(_components(y))
        if order == VALUES:
            left, right = {(): left[()]}, {(): right[()]}
        shown: tuple[np.ndarray, np.ndarray] | None = None
        equal, zero = True, True
        for tags in sorted({*left, *right}, key=lambda tags: (-len(tags), tags)):
            p = left.get(tags, np.zeros((1, 1)))
            q = right.get(tags, np.zeros((1, 1)))
            shape = np.broadcast_shapes(p.shape, q.shape)
            p, q = np.broadcast_to(p, shape), np.broadcast_to(q, shape)
            if mask is not None and len(shape) > 2:
                p, q = p[np.broadcast_to(mask, shape[:-2])], q[np.broadcast_to(mask, shape[:-2])]
            if not (np.isfinite(p).all() and np.isfinite(q).all()):
                raise Undecidable
            scale = max(float(np.abs(p).max()), float(np.abs(q).max()))
            difference = float(np.abs(p - q).max())
            same_numbers = difference <= ROUNDING * scale + 1e-13 * evaluator.peak
            if not same_numbers and difference <= UNSURE * scale + 1e-11 * evaluator.peak:
                raise Undecidable
            if shown is None or (equal and not same_numbers):
                shown = (p, q)
            equal &= same_numbers
            zero &= scale <= 1e-12 * evaluator.peak
        assert shown is not None
        return Seen(equal, shown[0], shown[1], dict(evaluator.sizes), zero)

    # -- one statement

    def check(self, statement: Statement, after: Statement | None) -> Found:
        """What is to be said of a statement. Raises Unreadable and Misshapen."""
        self.sizer.line = statement.line
        self._assume(statement.line)
        if statement.later is not None and not self.condition:
            self._define(statement, statement.later)
        formulas = list(statement.formulas)
        if statement.goes_on and not statement.joint:
            if self.lost:
                raise Unreadable("cannot check this: the line before could not be read.")
            if self.previous is None:
                raise Unreadable("cannot read this `=`: no formula stands before it.")
            start = self.previous
            subject, scope = self.subject, self.scope
        else:
            scope = self._scope(formulas)
            start, subject = formulas.pop(0), None
            if not formulas:
                return self._alone(start, after is not None and after.goes_on and not after.joint)
        # From here on: start = formulas[0] = formulas[1] = …
        if subject is None:
            self.subject, self.scope = start, scope
        chain = [start, *formulas]
        self.previous, self.lost = self.subject, False  # until what follows is known to fit
        fine, self.fine = self.fine if statement.goes_on else True, False
        self.sizer.due, self.sizer.starred = None, False
        size = self.sizer.of(start, scope)
        self.sizer.due = None if statement.defines else size
        for formula in formulas:
            size = self._fits(start, size, formula, self.sizer.of(formula, scope), statement)
        self.previous = chain[-1]
        pairs = list(itertools.pairwise(chain))
        if statement.defines:
            pairs = pairs[1:]
            if not pairs:
                self.fine = True
                if self.names.definitions[statement.defines].indices:
                    size = self.sizer.definition(statement.defines)
                said = f"`{statement.defines}` is {shape_text(size)}."
                return self._given(statement, chain[-1], scope, said)
        kind = self._kind(statement, subject or start)
        if self._assumed(statement):
            self.fine = True
            return Found(GIVEN, "Taken as a condition.", kind="condition")
        if not (statement.joint and self.condition) and not statement.posed:
            found = self._identity(statement, pairs, subject, scope, kind, fine)
            if found.verdict != WRONG:
                self.fine = bool(found.verdict == FOLLOWS)
                return found
        else:
            found = Found(WRONG, kind=kind)
        head = start
        while head.kind in ("sub", "T"):
            head = head.args[0]
        if head.kind == "diff" and self.loss is None and not statement.goes_on:
            letter = head.args[0].name
            if head.args[0].kind == "name" and letter not in self.names.definitions:
                raise Unreadable(
                    f"cannot check this: d{letter} may be any step. Begin with the loss, or with what "
                    f"{letter} is made of, such as {letter} = …"
                )
        condition = self._condition(statement, chain, scope, after)
        if condition is not None:
            self.fine = condition.verdict in (FOLLOWS, GIVEN)
            return condition
        return self.wrong(statement, pairs, subject, scope, found, fine)

    def wrong(
        self,
        statement: Statement,
        pairs: list[tuple[Node, Node]],
        subject: Node | None,
        scope: Scope,
        found: Found,
        fine: bool,
    ) -> Found:
        """The verdict on a wrong claim; whoever can say more says it here."""
        return found

    def _given(self, statement: Statement, formula: Node, scope: Scope, said: str) -> Found:
        """What a line defines, once it is known that it can be computed."""
        moving = self.movings(statement)[0] if self._moves([formula]) else ()
        letters = Scope({**scope.index, **self.names.definitions[statement.defines].slot})
        if self.seen([(formula, formula)], letters, statement, moving, 0, count=1)[0]:
            return Found(GIVEN, said)
        return Found(UNDECIDED, "No numbers were found on which this can be computed.")

    def _scope(self, formulas: Iterable[Node]) -> Scope:
        """Where a line begins: a letter of a size is an index where it stands in a δ or below a ∂."""
        found: set[str] = set()
        for node in (node for formula in formulas for node in formula.walk()):
            if node.kind == "delta":
                found.update(node.name.split())
            for target in node.args[1:] if node.kind == "deriv" else ():
                found.update(i for part in target.walk() if part.kind == "sub" for i in part.name.split())
        return Scope({letter: Var() for letter in sorted(found & self.names.sizes)})

    def _define(self, statement: Statement, definition: Definition) -> None:
        """From here on a letter is what this statement says, unless that goes round in a circle."""
        name = definition.name
        inside = self.sizer.letters(definition.body)
        if name in inside:
            return
        moved = (self.text.targets | self.moved_by) - {name}
        for gradient in self.gradients:
            of, by = self._about(gradient)
            if of is not None and name in by and inside & self.sizer.letters(of) and not inside & moved:
                return  # w = … is where the gradient is 0
        if name not in self.names.shapes:
            scope = Scope(dict(definition.slot))
            if not definition.indices and is_scalar(self.sizer.of(definition.body, scope)):
                return  # n = 2 claims something of a size
        self.names.definitions[name] = definition
        statement.defines = name
        self.moved_by -= {name}
        self.sizer.hint = tuple(letter for letter in self.sizer.hint if letter != name)
        self.sizer.found.clear()
        self.evaluators.clear()
        self.told.clear()
        self.solved.clear()

    def _assume(self, line: int) -> None:
        """Let the conditions hold that the text has posed by now."""
        for letter, (condition, since) in self.text.assumed.items():
            if since <= line and condition not in self.conditions.get(letter, ()):
                self.conditions[letter] = (*self.conditions.get(letter, ()), condition)
                self.drawn.clear()
                self.evaluators.clear()
                self.told.clear()
                self.solved.clear()

    def skip(self, raw: str) -> None:
        """Note a line that could not be read: what goes on from it cannot be compared with it."""
        if re.match(r"\s*&?\s*=", raw):
            self.previous = self.subject
        else:
            self.subject = self.previous = None
            self.lost = True
        self.fine, self.gap = False, True

    def _alone(self, formula: Node, begins: bool) -> Found:
        """A formula without a sign: the first of a text, or the left side of the lines that follow."""
        scope = Scope()
        self.sizer.of(formula, scope)
        if self.previous is not None and not begins:
            raise Unreadable(
                f"cannot read `{written(formula, 40)}` here: did you mean = {written(formula, 40)}?"
            )
        self.subject, self.previous, self.scope, self.fine = formula, formula, scope, True
        return Found(GIVEN)

    def _fits(self, start: Node, size: Size, formula: Node, other: Size, statement: Statement) -> Size:
        if size == ANY:
            return other
        if other == ANY or same(size, other):
            return size
        if same(size, (other[1], other[0])):
            self._layout(start, formula, statement)
            raise Misshapen(
                f"shapes: the left side is {shape_text(size)} and the right side {shape_text(other)}, its "
                "transpose."
            )
        raise Misshapen(
            f"shapes: the left side is {shape_text(size)} and the right side {shape_text(other)}."
        )

    def _layout(self, start: Node, formula: Node, statement: Statement) -> None:
        """A derivative whose transpose is right is right in the other layout, once the text says so."""
        if start.kind != "deriv" or statement.goes_on or self.reading.numerator or self.reading.denominator:
            return
        scope = Scope(dict(self.scope.index))
        turned_over = [(Node("T", (start,)), formula)]
        moving = (self.movings(statement) if self._moves([formula]) else [()])[0]
        (seen,) = self.seen(turned_over, scope, statement, moving, 0)
        if len(seen) == INSTANCES and all(one.equal for one in seen):
            other = "numerator" if is_scalar(self.sizer.of(start.args[0], scope)) else "denominator"
            rule = (
                "a gradient has the shape of what moves"
                if other == "numerator"
                else "a Jacobian has a row for each output"
            )
            raise Unreadable(
                f"cannot read this in the layout used here, in which {rule}. Did you mean the transpose? Or "
                f"begin with a line: layout: {other}"
            )

    def _kind(self, statement: Statement, subject: Node) -> str:
        formulas = [subject, *statement.formulas]
        nodes = {node.kind for f in formulas[:2] for node in f.walk()}
        head = subject
        while head.kind in ("T", "sub", "neg"):
            head = head.args[0]
        if head.kind in ("grad", "row"):
            return "gradient"
        if head.kind == "deriv":
            entry = any(target.kind == "sub" for target in head.args[1:])
            return "partial" if entry else "gradient"
        if any(node.kind == "deriv" for node in head.walk()):
            return "partial"
        if "diff" in {node.kind for node in subject.walk()}:
            return "gradient" if self.loss is not None else "differential"
        if (
            any(n.kind == "name" and n.name in self.text.small for f in formulas for n in f.walk())
            or "step" in nodes
        ):
            return "increment"
        return "value"

    def _assumed(self, statement: Statement) -> bool:
        if statement.defines or statement.goes_on or not self.text.assumed or len(statement.formulas) != 2:
            return False
        probe = Text([], [statement], {}, {}, self.names)
        _assumptions(probe)
        return bool(probe.assumed)

    def _order(self, statement: Statement, formulas: Iterable[Node]) -> int:
        """Up to which power of a small step both sides are compared; VALUES: where it is 0; 0: anywhere."""
        orders = [int(n.value) for f in formulas for n in f.walk() if n.kind == "little"]
        if "≈" in statement.signs:
            if not self.text.small and not any(n.kind == "diff" for f in formulas for n in f.walk()):
                raise Unreadable("cannot read ≈ here: say what is dropped, as in + o(h).")
            orders.append(1)
        return (min(orders) or VALUES) if orders else 0

    def _identity(
        self,
        statement: Statement,
        pairs: list[tuple[Node, Node]],
        subject: Node | None,
        scope: Scope,
        kind: str,
        fine: bool,
    ) -> Found:
        """Whether both sides are equal for all numbers: with the line before, or in truth."""
        formulas = [f for pair in pairs for f in pair]
        order = self._order(statement, [*formulas, *([subject] if subject is not None else [])])
        truth = [(subject, pairs[0][1])] if subject is not None and subject is not pairs[0][0] else []
        message = ""
        undecided = False
        for moving in self.movings(statement) if self._moves(formulas) else [()]:
            results = self.seen([*pairs, *truth], scope, statement, moving, order)
            if len(results[0]) < INSTANCES and not any(not s.equal for one in results for s in one):
                undecided = True
                continue
            holds = [all(s.equal for s in one) for one in results]
            right = holds[0] or (bool(truth) and holds[-1])
            if right and all(holds[1 : len(pairs)]):
                if truth and not holds[-1]:
                    message = "It follows from the line before, which is wrong."
                elif truth and not holds[0]:
                    message = "It is right, but does not follow from the line before."
                    if fine:
                        continue
                uses = self._needed(pairs, scope, statement, moving, order)
                carried = bool(truth) and not holds[-1]
                idle = order == VALUES or all(one.zero for one in results[0])
                return Found(FOLLOWS, message, kind=kind, uses=uses, carried=carried, idle=idle)
        if undecided:
            return Found(UNDECIDED, "No numbers were found on which both sides can be computed.", kind=kind)
        self._free(pairs, scope, statement)
        return Found(WRONG, kind=kind)

    def _moves(self, formulas: Iterable[Node]) -> bool:
        return any(node.kind == "diff" for f in formulas for node in f.walk()) or any(
            n.kind == "diff" for d in self.names.definitions.values() for n in d.body.walk()
        )

    def _needed(
        self,
        pairs: list[tuple[Node, Node]],
        scope: Scope,
        statement: Statement,
        moving: tuple[str, ...],
        order: int,
    ) -> tuple[str, ...]:
        """Letters without whose condition this would not hold."""
        used = []
        for letter in self.conditions:
            results = self.seen(pairs, scope, statement, moving, order, free=letter, count=1)
            if any(one and not one[0].equal for one in results):
                used.append(letter)
        return tuple(used)

    def _free(self, pairs: list[tuple[Node, Node]], scope: Scope, statement: Statement) -> None:
        """An index that stands on one side alone was meant to be summed."""
        if statement.cases[0]:
            return
        for a, b in pairs:
            one, other = _free_indices(a), _free_indices(b)
            extra = sorted((other - one) & set(scope.index)) if not statement.goes_on else []
            if extra and not (one - other):
                raise Unreadable(
                    f"cannot read the index {extra[0]} here: it stands on one side only. Did you mean "
                    f"Σ_{extra[0]}?"
                )

    # -- for whoever marks it

    def claim(self, statement: Statement, found: Found) -> Claim:
        """What a statement claims, once it is known what is said of it."""
        true = found.verdict in (FOLLOWS, GIVEN) and not found.carried
        wrong = found.verdict == WRONG or found.carried
        self.sound = true and (self.sound or not statement.goes_on)
        subject, right = self.subject, statement.formulas[-1]
        kind = self._kind(statement, subject) if wrong and subject and found.kind == "value" else found.kind
        if subject is None or kind in ("value", "condition"):
            own = kind == "value" and subject is not None and self._is_given(subject)
            worked_out = all(self._worked_out(formula) for formula in statement.formulas)
            tells = kind == "condition" and self.sound and worked_out and self._binds(statement)
            return Claim(
                kind, (), own, worked_out, holds=self.sound, uses=found.uses, tells=tells, wrong=wrong
            )
        of, by = self._about(subject)
        given = of is not None and self._is_given(of)
        name = of.name if of is not None and of.kind in ("name", "call") else ""
        if wrong:
            return Claim(kind, by, given, of=name, wrong=True)
        put_in = kind in ("increment", "differential") and self._put_in(subject, right)
        worked_out = self._worked_out(right) and not put_in
        alone = worked_out and (
            self._stands_alone(right)
            if kind in ("differential", "increment")
            else all(node.kind not in ("delta", "unit") for node in right.walk())
        )
        key, behind = self._key(subject), self._behind(right)
        tells = true and not found.idle and not put_in and self._is_bare(subject, kind) and key not in behind
        if tells and self.sound and key is not None:
            self.claimed.append((found, key, behind))
            if kind == "differential":  # dL = tr(Gᵀ dP) says what ∂L/∂P is
                steps = {step for step in behind if step[1] == ("d",)}
                self.claimed += [(Found(FOLLOWS), (key[0], (step[0],)), behind - steps) for step in steps]
        return Claim(kind, by, given, worked_out, alone, self.sound, found.uses, name, tells)

    def trace(self) -> None:
        """Note which claims rest on derivatives that were all worked out, in whatever order."""
        known: set[Key] = set()
        waiting = self.claimed
        while resting := [one for one in waiting if one[2] <= known]:
            for found, key, _ in resting:
                known.add(key)
                if found.claim is not None:
                    found.claim = replace(found.claim, traced=True)
            waiting = [one for one in waiting if one not in resting]

    def _key(self, node: Node) -> Key | None:
        """Which derivative this is, however it is written: of what, and by which letters."""
        of, by = self._about(node)
        if of is None:
            return None
        while of.kind in ("sub", "T"):
            of = of.args[0]
        slope = self.loss is not None or not any(part.kind == "diff" for part in node.walk())
        name = GIVEN_NAME if self._is_given(of) else of.name if of.kind == "call" else written(of)
        return name, by if slope else ("d",)

    def _behind(self, formula: Node) -> frozenset[Key]:
        """The derivatives in a formula and in what its letters stand for, but for bare steps such as dW."""
        bodies = [
            self.names.definitions[n].body for n in self.sizer.letters(formula) & {*self.names.definitions}
        ]
        found = set()
        for node in (node for tree in (formula, *bodies) for node in tree.walk()):
            step = node.kind == "diff" and not self._worked_out(node)
            if step or node.kind in ("deriv", "grad", "row", "step"):
                found.add(self._key(node) or (written(node), ()))
        return frozenset(found)

    def _is_bare(self, subject: Node, kind: str) -> bool:
        """Whether a left side is a derivative or differential itself, or a function's increment."""
        while subject.kind in ("T", "neg", "sub"):
            if subject.kind == "sub" and not all(index.isalpha() for index in subject.name.split()):
                return False  # one entry is not the whole
            subject = subject.args[0]
        if kind == "increment":
            if subject.kind == "div":
                subject = subject.args[0]
            terms = [t.args[0] if t.kind == "neg" else t for t in _flat_sum(subject)]
            return subject.kind == "step" or (
                any(term.kind == "call" and self._has_step(term) for term in terms)
                and all(term.kind == "call" or not self._has_step(term) for term in terms)
            )
        return subject.kind in ("grad", "deriv", "row") or (subject.kind == "diff" and subject.value == 1)

    def _put_in(self, subject: Node, right: Node) -> bool:
        """Whether x + h was only put in for x: every step on the right still stands in an x + h."""
        arguments = {arg for n in subject.walk() if n.kind == "call" for arg in n.args if self._has_step(arg)}
        rest, held = [right], False
        while rest:
            node = rest.pop()
            letters = [n for n in node.args if n.kind == "name"] if node.kind == "add" else []
            if node in arguments or any(Node("diff", (n,), value=1.0) in node.args for n in letters):
                held = True
            elif node.kind == "little":
                continue
            elif node.kind == "diff" or (node.kind == "name" and node.name in self.text.small):
                return False
            else:
                rest += node.args
        return held

    def _binds(self, statement: Statement) -> bool:
        """Whether an equation says something that a vanishing derivative of the task's function leads to."""
        zero = Node("num", value=0.0)
        ends = bool(self.root) and self.root[-1][1] == zero
        heads = [self._about(a)[0] for a, _ in self.root if ends and self._is_slope(a)]
        if not any(of is not None and self._is_given(of) for of in heads):
            slopes = [g for g in self.gradients if (of := self._about(g)[0]) and self._is_given(of)]
            posed = [[(slope, zero)] for slope in slopes[-MAX_GRADIENTS:]]
            if not self.root or not any(
                self._holds(p, self.root) and self._holds(self.root, p) for p in posed
            ):
                return False
        pairs = list(itertools.pairwise(statement.formulas))
        scope = Scope()
        for a, b in pairs:
            same(self.sizer.of(a, scope), self.sizer.of(b, scope))
        results = self.seen(pairs, scope, statement, (), 0)
        return any(not seen.equal for one in results for seen in one)

    def _is_slope(self, formula: Node) -> bool:
        while formula.kind in ("T", "neg", "sub"):
            formula = formula.args[0]
        return formula.kind in ("grad", "deriv", "row", "diff")

    def is_partial(self, found: Found) -> bool:
        """Whether this claims every partial derivative of a number by a letter."""
        subject = self.subject
        if found.kind != "partial" or subject is None or subject.kind != "deriv" or len(subject.args) != 2:
            return False
        letters = [n.name for target in subject.args[1:] for n in target.walk() if n.kind == "sub"]
        indices = [index for name in letters for index in name.split()]
        whole = all(i.isalpha() for i in indices) and len(set(indices)) == len(indices)
        return (
            whole
            and not _free_indices(subject.args[0])
            and is_scalar(self.sizer.of(subject.args[0], Scope()))
        )

    def _about(self, subject: Node) -> tuple[Node | None, tuple[str, ...]]:
        """The function that a claim is about, and the letters by which it is differentiated."""
        for node in subject.walk():
            if node.kind in ("grad", "deriv", "row"):
                try:
                    targets = self.sizer.gradient_targets(node) if node.kind == "grad" else node.args[1:]
                    by = tuple(self.sizer.target(target).name for target in targets)
                except Unreadable:
                    return None, ()
                return node.args[0], by
            if node.kind == "diff":
                if self.loss is not None:
                    return self.loss, (node.args[0].name,)
                return node.args[0], tuple(sorted(self.moved_by))
        calls = [node for node in subject.walk() if node.kind in ("call", "step")]
        if calls:
            inside = calls[0].args[0] if calls[0].kind == "step" else Node("name", name=calls[0].name)
            return inside, tuple(sorted(self.text.small))
        return None, ()

    def _is_given(self, formula: Node) -> bool:
        """Whether a formula is the function of the task, on numbers."""
        if GIVEN_NAME not in self.names.definitions:
            return False
        while formula.kind in ("sub", "T"):
            formula = formula.args[0]
        if formula not in self.told:
            due = Node("name", name=GIVEN_NAME)
            try:
                scope = Scope()
                fits = same(self.sizer.of(formula, scope), self.sizer.definition(GIVEN_NAME))
                pairs = [(formula, due)]
                seen = self.seen(pairs, scope, Statement(0, "", [], []), (), 0)[0] if fits else []
                self.told[formula] = len(seen) == INSTANCES and all(one.equal for one in seen)
            except (Unreadable, Misshapen):
                self.told[formula] = False
        return self.told[formula]

    def _worked_out(self, formula: Node) -> bool:
        """Whether no derivative is left in a formula, but for steps such as dW."""
        names = self.sizer.letters(formula)
        bodies = [self.names.definitions[n].body for n in names if n in self.names.definitions]
        for node in (node for tree in [formula, *bodies] for node in tree.walk()):
            if node.kind in ("deriv", "grad", "row", "step", "dop"):
                return False
            if node.kind == "diff":
                inside = node.args[0]
                bare = inside.kind == "name" and inside.name not in self.names.definitions
                if self.loss is not None or not bare or node.value != 1:
                    return False
        return not any(n.kind == "call" and self._has_step(n) for n in formula.walk())

    def _has_step(self, formula: Node) -> bool:
        return any(
            n.kind == "diff" or (n.kind == "name" and n.name in self.text.small) for n in formula.walk()
        )

    def _is_step(self, node: Node) -> bool:
        inside = node.args[0] if node.kind == "fn" and node.name == "vec" else node
        return (inside.kind == "diff" and inside.args[0].kind == "name") or (
            inside.kind == "name" and inside.name in self.text.small
        )

    def _stands_alone(self, formula: Node) -> bool:
        """Whether a formula is a product of something with the bare step, such as tr(Gᵀ dW) or gᵀ dx."""
        if formula.kind == "add":
            terms = [term for term in formula.args if term.kind != "little"]
            return len(terms) == 1 and self._stands_alone(terms[0])
        if formula.kind in ("neg",) or (formula.kind == "fn" and formula.name == "tr"):
            return self._stands_alone(formula.args[0])
        if formula.kind in ("mul", "inner", "frob", "fn") and len(formula.args) == 2:
            left, right = formula.args
            if self._is_step(right) and not self._has_step(left):
                return True
            if self._is_step(left) and not self._has_step(right):
                return True
            if formula.kind == "mul" and not self._has_step(left):
                return self._stands_alone(right)
        return False

    # -- conditions

    def _condition(
        self, statement: Statement, chain: list[Node], scope: Scope, after: Statement | None
    ) -> Found | None:
        """What is to be said of an equation that holds at some points only; None when it is a wrong claim."""
        pairs = list(itertools.pairwise(chain))
        first, last = chain[0], chain[-1]
        zero = last.kind == "num" and last.value == 0
        head = first
        while head.kind in ("T", "sub", "neg"):
            head = head.args[0]
        slope = head.kind in ("grad", "deriv", "row")
        functional = (
            slope
            or head.kind in ("call", "diff", "step")
            or (head.kind == "name" and head.name in self.names.definitions)
        )
        if statement.goes_on and not statement.joint:
            return None
        if self.condition and (statement.joint or statement.starred or not functional):
            found = self._implied(statement, pairs, self.condition, statement.joint == "⇔")
            elsewhere = self._where_flat(pairs) if found.verdict == WRONG and not statement.joint else None
            return elsewhere or found
        if statement.posed:
            self.condition = self.root = pairs
            return Found(GIVEN, "A condition is posed.", kind="condition")
        if zero and slope and first.kind != "diff":
            self.condition = self.root = pairs
            return Found(GIVEN, "A condition is posed.", kind="condition")
        stationary = (zero or statement.starred) and not functional
        if stationary and self.gradient is not None:
            self.root = posed = [(self.gradient, Node("num", value=0.0))]
            return self._implied(statement, pairs, posed, zero)
        follows = after is not None and bool(after.joint) and not functional
        if self.gap and not functional:
            said = "A line before could not be read: this may follow from it."
            return Found(UNDECIDED, said, kind="condition")
        if self.gradients and (not functional or self._is_array(head)):
            flat = self._where_flat(pairs)
            if flat is not None or self._same_letter(chain):
                return flat
        names_only = all(n.name in self.names.shapes for f in chain for n in f.walk() if n.kind == "name")
        plain_right = last.kind == "name" and last.name not in self.names.definitions and first.kind == "mul"
        if not statement.joint and not functional and (follows or (plain_right and names_only)):
            self.condition = self.root = pairs
            return Found(GIVEN, "A condition is posed.", kind="condition")
        return None

    def _is_array(self, head: Node) -> bool:
        """Whether this is a letter that the text defines, of more than one number.

        What is true of a function only where its gradient is 0 is no formula for it.
        """
        defined = head.kind == "name" and head.name in self.names.definitions
        return defined and not is_scalar(self.sizer.definition(head.name))

    def _same_letter(self, chain: list[Node]) -> bool:
        """Whether formulas contain the letter by which a gradient was taken, so are about its zero."""
        letters = {name for formula in chain for name in self.sizer.letters(formula)}
        return any(letters & set(self._about(gradient)[1]) for gradient in self.gradients)

    def _where_flat(self, pairs: list[tuple[Node, Node]]) -> Found | None:
        """XᵀX w = Xᵀy below ∇f(w) = …: it holds where the gradient is 0. None when it does not."""
        moving = ("diff", "deriv", "grad", "row", "step", "little")  # they vanish there, whatever they claim
        if any(node.kind in moving for pair in pairs for f in pair for node in f.walk()):
            return None
        for gradient in reversed(self.gradients[-MAX_GRADIENTS:]):
            posed = [(gradient, Node("num", value=0.0))]
            free = [name for name in self._about(gradient)[1] if name in self.names.shapes]
            free = [name for name in free if name not in self.names.definitions]
            if free and self._holds(posed, pairs, free):
                self.condition, self.root = [*posed, *pairs], posed
                said = f"holds where {written(gradient, 40)} = 0: a condition, not true for all numbers."
                return Found(FOLLOWS, said, kind="condition")
        return None

    def _implied(
        self, statement: Statement, pairs: list[tuple[Node, Node]], posed: list[tuple[Node, Node]], both: bool
    ) -> Found:
        """Whether every point that satisfies what is posed satisfies these equations; and the other way."""
        forward = self._holds(posed, pairs)
        backward = self._holds(pairs, posed) if both and forward else True
        if forward is False:
            story = "A point where the condition before holds does not satisfy this one."
            return Found(WRONG, story, kind="condition")
        if backward is False:
            story = "It follows from the condition before, but not the other way round: write ⇒."
            return Found(WRONG, story, kind="condition")
        if forward is None or backward is None:
            return Found(UNDECIDED, "No point was found where the condition holds.", kind="condition")
        self.condition = pairs if both else [*posed, *pairs]
        return Found(FOLLOWS, kind="condition")

    def _holds(
        self, posed: list[tuple[Node, Node]], then: list[tuple[Node, Node]], unknowns: Sequence[str] = ()
    ) -> bool | None:
        """Whether solutions of some equations satisfy others; None when no solution is found.

        The equations are solved for `unknowns`; else for the letters that the text moves, then for all.
        """
        letters = {name for pair in posed for f in pair for name in self.sizer.letters(f)}
        own = [n for n in sorted(letters) if n in self.names.shapes and n not in self.names.definitions]
        own = [n for n in own if n not in self.conditions] or own  # they stay symmetric, or what they are
        likely = [n for n in own if n in self.sizer.hint or n in self.moved_by or self._is_parameter(n)]
        decided = 0
        flat: list[tuple[Evaluator, Env]] = []  # points such as x = 0, where too much holds
        chosen = list(unknowns) or likely
        for unknown in ([chosen] if chosen else []) + [own]:
            if unknowns and unknown is own and not flat:
                break
            for attempt in range(ATTEMPTS):
                try:
                    key = (tuple(posed), tuple(unknown), attempt)
                    if key not in self.solved:
                        self.solved[key] = None  # so it stays where this cannot be computed
                        self.solved[key] = self._solution(posed, unknown, attempt)
                    point = self.solved[key]
                    if point is None:
                        if attempt > 4 and not decided:
                            break
                        continue
                    evaluator, env = point
                    tiny = {n for n, value in env.names.items() if np.abs(plain(value.data)).max() < 1e-6}
                    if tiny:
                        zeros = {n: Val((), np.zeros_like(plain(env.names[n].data))) for n in tiny}
                        flat.append((evaluator, Env({**env.names, **zeros})))
                        continue
                    residual, scale, _ = self._residual(then, evaluator, env)
                except Undecidable:
                    continue
                error = float(np.abs(residual).max())
                if error > 1e-5 * scale:
                    return False
                if error > 1e-8 * scale:
                    continue
                decided += 1
                if decided == INSTANCES:
                    return True
            if decided:
                break
        return self._at_all(then, flat[:INSTANCES]) if not decided and len(flat) >= INSTANCES else None

    def _at_all(self, then: list[tuple[Node, Node]], points: list[tuple[Evaluator, Env]]) -> bool | None:
        """Whether equations hold at all of these points; None where that cannot be computed."""
        try:
            found = [self._residual(then, evaluator, env) for evaluator, env in points]
        except Undecidable:
            return None
        return all(np.abs(residual).max() <= 1e-8 * scale for residual, scale, _ in found)

    def _is_parameter(self, name: str) -> bool:
        return any(name in (d.params or ()) for d in self.names.definitions.values())

    def _residual(
        self, pairs: list[tuple[Node, Node]], evaluator: Evaluator, env: Env, along: str = ""
    ) -> tuple[np.ndarray, float, np.ndarray]:
        """What is missing to equality, as one vector; the size of both sides; slopes, a row each way."""
        found, slopes, scale = [], [], 1e-3
        count = evaluator.extent.get(along, 1)
        for a, b in pairs:
            scope = Scope()
            same(self.sizer.of(a, scope), self.sizer.of(b, scope))
            for letter, var in scope.index.items():
                evaluator.extent[letter] = Dim(1, (), (var,)).count(evaluator.sizes)
            here = Env(env.names, {letter: letter for letter in scope.index})
            evaluator.depth = 0
            x, y = evaluator.of(a, here), evaluator.of(b, here)
            axes, (p, q) = evaluator.aligned(x, y)
            scale = max(scale, float(np.abs(plain(p)).max()), float(np.abs(plain(q)).max()))
            missing = plus(p, scaled(q, -1.0))
            if along in axes:
                missing = linear(_first(axes.index(along)), missing)
                found.append(plain(missing)[0].ravel())
            else:
                found.append(plain(missing).ravel())
            slope = missing.slope if isinstance(missing, Dual) else np.zeros((count, found[-1].size))
            slopes.append(plain(slope).reshape(count, -1))
        return np.concatenate(found), scale, np.concatenate(slopes, axis=1)

    def _solution(
        self, posed: list[tuple[Node, Node]], unknown: list[str], attempt: int
    ) -> tuple[Evaluator, Env] | None:
        """A point near random numbers that satisfies equations, by Newton's method with least changes."""
        evaluator, _ = self.evaluator(attempt, (), False, 0)
        point = {name: evaluator.values[name].copy() for name in unknown}
        total = sum(value.size for value in point.values())
        if not total:
            return None
        tag, axis = next(evaluator.fresh), evaluator.axis(total, "*")
        for _ in range(30):
            moved, place = {}, 0
            for name, value in point.items():
                directions = np.zeros((total, value.size))
                directions[np.arange(place, place + value.size), np.arange(value.size)] = 1.0
                place += value.size
                data = Dual(tag, value[None], directions.reshape(total, *value.shape))
                moved[name] = Val((axis,), data)
            residual, scale, slopes = self._residual(posed, evaluator, Env(moved), axis)
            if np.abs(residual).max() < 1e-11 * scale:
                return evaluator, Env({name: Val((), value) for name, value in point.items()})
            self.budget.charge(slopes.size * min(slopes.shape), 5 + min(slopes.shape) // 4)
            step = np.linalg.lstsq(slopes.T, -residual, rcond=1e-9)[0]
            place = 0
            for name, value in point.items():
                point[name] = value + step[place : place + value.size].reshape(value.shape)
                place += value.size
        return None


def _first(place: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda a: np.moveaxis(a, place, 0)


def names_of_targets(formulas: Iterable[Node]) -> list[str]:
    """Letters by which a text differentiates."""
    return [
        n.name
        for formula in formulas
        for node in formula.walk()
        if node.kind in ("deriv", "grad")
        for target in node.args[1:]
        for n in target.walk()
        if n.kind == "name"
    ]


def _free_indices(node: Node) -> set[str]:
    """The indices of a formula that no sum binds."""
    own = set(node.name.split()) if node.kind in ("sub", "delta", "unit") else set()
    for arg in node.args:
        own |= _free_indices(arg)
    bound = node.kind in ("sum", "listing")
    return own - set(node.name.split("|")[0].split()) if bound else own


def _mask(axes: Sequence[str], cases: tuple[str, str, str], extent: Mapping[str, int]) -> np.ndarray | None:
    """Which entries a case such as i = j speaks of."""
    i, sign, j = cases
    if not i or i not in axes or j not in axes:
        return None
    grids = np.ogrid[tuple(slice(extent[axis]) for axis in axes)]
    equal: np.ndarray = grids[axes.index(i)] == grids[axes.index(j)]
    return np.broadcast_to(equal if sign == "=" else ~equal, [extent[axis] for axis in axes])


# ------------------------------------------------------------------ explanation


def _number(x: float, digits: int = 3) -> str:
    return f"{x:.{digits}g}".replace("-", "−")


def _numbers(seen: Seen, letters: Sequence[str]) -> str:
    """Where the two sides differ most, in numbers."""
    place = np.unravel_index(int(np.abs(seen.left - seen.right).argmax()), seen.left.shape)
    what = f"for these {', '.join(letters)} " if letters else ""
    entry = " in one entry" if seen.left.size > 1 else ""
    left, right = float(seen.left[place]), float(seen.right[place])
    digits = next((d for d in (3, 5, 8) if f"{left:.{d}g}" != f"{right:.{d}g}"), 12)
    return (
        f"{what}the left side is {_number(left, digits)} and the right side {_number(right, digits)}{entry}"
    )


def ratio(seen: Sequence[Seen]) -> tuple[str, str] | None:
    """What the right side has to be divided by everywhere, as ("sign" or "factor", words)."""
    factors = []
    for one in seen:
        big = np.abs(one.left) > 1e-6 * np.abs(one.left).max()
        if not big.any() or (np.abs(one.right[~big]) > 1e-6 * np.abs(one.right).max()).any():
            return None
        quotients = one.right[big] / one.left[big]
        if np.ptp(quotients) > 1e-7 * np.abs(quotients).max() or quotients[0] == 0:
            return None
        factors.append(float(quotients[0]))
    if not factors:
        return None
    first = factors[0]
    if all(abs(f - first) < 1e-7 * abs(first) for f in factors):
        if abs(first + 1) < 1e-7:
            return "sign", "everywhere the opposite: a sign"
        return (
            "factor",
            f"everywhere {_fraction_text(first)} times as large: a factor {_fraction_text(first)}",
        )
    fits = []
    for words, sizes in _size_factors(seen):
        rest = [f / size for f, size in zip(factors, sizes, strict=True)]
        if all(abs(r - rest[0]) < 1e-7 * abs(rest[0]) for r in rest):
            fits.append((abs(rest[0] - 1) > 1e-7, rest[0], words))
    fits = [fit for fit in fits if not fit[0]] or fits
    if len(fits) == 1:
        _, number, words = fits[0]
        return "factor", f"everywhere a factor {_fraction_text(number) + ' · ' if fits[0][0] else ''}{words}"
    return None


def _size_factors(seen: Sequence[Seen]) -> Iterator[tuple[str, list[float]]]:
    """Sizes, one over them, and quotients of two, with their values on each instance."""
    letters = list(seen[0].sizes)
    for n in letters:
        yield n, [float(one.sizes[n]) for one in seen]
        yield f"1/{n}", [1.0 / one.sizes[n] for one in seen]
        for d in letters:
            if d != n:
                yield f"{n}/{d}", [one.sizes[n] / one.sizes[d] for one in seen]


def _fraction_text(x: float) -> str:
    for below in range(1, 13):
        if abs(x * below - round(x * below)) < 1e-7 * below:
            above = round(x * below)
            return (f"{above}" if below == 1 else f"{above}/{below}").replace("-", "−")
    return _number(x)


def _flat_sum(node: Node) -> list[Node]:
    return [part for arg in node.args for part in _flat_sum(arg)] if node.kind == "add" else [node]


def _edits(node: Node) -> Iterator[tuple[str, str, Node]]:
    """The same formula with one thing changed: (kind of slip, what to do, formula)."""
    if node.kind == "add":
        for k, term in enumerate(node.args):
            flipped = term.args[0] if term.kind == "neg" else Node("neg", (term,))
            bare = term.args[0] if term.kind == "neg" else term
            yield "sign", f"the sign of `{written(bare, 40)}`", _with(node, k, flipped)
            for factor, words in ((2.0, "2"), (0.5, "½")):
                grown = Node("mul", (Node("num", value=factor), term))
                yield "factor", f"a factor {words} at `{written(bare, 40)}`", _with(node, k, grown)
            rest = node.args[:k] + node.args[k + 1 :]
            less = rest[0] if len(rest) == 1 else replace(node, args=rest)
            yield "term", f"`{written(term, 40)}` is too much", less
    if node.kind == "mul":
        swapped = replace(node, args=node.args[::-1])
        yield (
            "order",
            f"the order of `{written(node.args[0], 30)}` and `{written(node.args[1], 30)}`",
            swapped,
        )
        left, right = node.args
        if left.kind == "mul":
            a, b = left.args
            yield (
                "order",
                f"the order of `{written(b, 30)}` and `{written(right, 30)}`",
                replace(node, args=(replace(left, args=(a, right)), b)),
            )
    if node.kind == "T":
        yield "transpose", f"the transpose at `{written(node.args[0], 40)}`", node.args[0]
    elif node.kind in ("name", "diff", "add", "mul", "sub"):
        yield "transpose", f"the transpose of `{written(node, 40)}`", Node("T", (node,))
    if node.kind in ("sub", "delta") and len(node.name.split()) == 2:
        yield (
            "order",
            f"the order of the indices of `{written(node, 40)}`",
            replace(node, name=" ".join(node.name.split()[::-1])),
        )
    for k, arg in enumerate(node.args):
        for slip, words, changed in _edits(arg):
            yield slip, words, _with(node, k, changed)


def _with(node: Node, k: int, arg: Node) -> Node:
    return replace(node, args=(*node.args[:k], arg, *node.args[k + 1 :]))


MAX_EDITS, MAX_EXPLAINED = 120, 4


class Explainer(Checker):
    """A checker that also says by what a line is wrong."""

    def wrong(
        self,
        statement: Statement,
        pairs: list[tuple[Node, Node]],
        subject: Node | None,
        scope: Scope,
        found: Found,
        fine: bool,
    ) -> Found:
        """The verdict on a wrong claim, with numbers and the kind of slip where one can be shown."""
        formulas = [f for pair in pairs for f in pair]
        moving = (self.movings(statement) if self._moves(formulas) else [()])[0]
        order = self._order(statement, [*formulas, *([subject] if subject is not None else [])])
        results = self.seen(pairs, scope, statement, moving, order)
        which = next((k for k, one in enumerate(results) if any(not s.equal for s in one)), 0)
        seen = results[which]
        if which == 0 and subject is not None and not fine:
            pairs = [(subject, pairs[0][1]), *pairs[1:]]
            seen = self.seen(pairs[:1], scope, statement, moving, order)[0]
        first = next((s for s in seen if not s.equal), None)
        if first is None:
            return replace(found, message="It does not follow from the line before.")
        letters = sorted({n for f in formulas for n in self.sizer.letters(f) if n in self.names.shapes})
        story = _numbers(first, letters[:6])
        slip, words = "", ""
        proportion = ratio(seen)
        if proportion:
            slip, words = proportion
        elif all(_is_turned(s) for s in seen):
            self._layout(*pairs[which], statement)
            slip, words = "transpose", "it is the transpose"
        elif not order and self._may_explain():
            slip, words = self._repair(pairs[which], subject, scope, statement, moving)
        if not order and not words and self.text.small and self._first_order(pairs, scope, statement, moving):
            words = "both sides agree to first order: say what is dropped, + o(h)"
        message = story[0].upper() + story[1:] + (f"; {words}." if words else ".")
        return replace(found, message=message, slip=slip)

    def _may_explain(self) -> bool:
        """Whether one more line may be searched for its slip."""
        self.explained += 1
        return self.explained <= MAX_EXPLAINED

    def _first_order(
        self, pairs: list[tuple[Node, Node]], scope: Scope, statement: Statement, moving: tuple[str, ...]
    ) -> bool:
        results = self.seen(pairs, scope, statement, moving, 1)
        return all(one and all(s.equal for s in one) for one in results)

    def _repair(
        self,
        pair: tuple[Node, Node],
        subject: Node | None,
        scope: Scope,
        statement: Statement,
        moving: tuple[str, ...],
    ) -> tuple[str, str]:
        """The one small change that makes both sides equal, if there is exactly one kind of it."""
        left, right = pair
        candidates = list(itertools.islice(_edits(right), MAX_EDITS))
        for term in _flat_sum(left) if left.kind == "add" else []:
            candidates.append(("lost term", f"`{written(term, 40)}` was lost", Node("add", (right, term))))
        found: list[tuple[str, str]] = []
        for slip, words, changed in candidates:
            try:
                size, other = (
                    self.sizer.of(left, Scope(dict(scope.index))),
                    self.sizer.of(changed, Scope(dict(scope.index))),
                )
                if not (size == ANY or other == ANY or same(size, other)):
                    continue
                (one,) = self.seen([(left, changed)], scope, statement, moving, 0, count=1)
                if not one or not one[0].equal:
                    continue
                (three,) = self.seen([(left, changed)], scope, statement, moving, 0)
            except (Unreadable, Misshapen):
                if self.budget.work < 0 or self.budget.steps < 0:
                    break
                continue
            if len(three) == INSTANCES and all(s.equal for s in three):
                found.append((slip, words))
        if len({slip for slip, _ in found}) != 1:
            return "", ""
        slip, words = found[0]
        return slip, f"{words} makes the difference" if slip not in ("lost term", "term") else words


def _is_turned(seen: Seen) -> bool:
    a, b = seen.left, seen.right
    return a.shape[-1] == a.shape[-2] > 1 and np.allclose(np.swapaxes(a, -1, -2), b, rtol=1e-8)


# ------------------------------------------------------------------ what students call


def derive(text: str, *, where: Mapping[str, str] | None = None, **shapes: object) -> Derivation:
    """Check a derivation line by line.

    text: the lines; what stands behind a # is not read. shapes: a letter's shape is a tuple of letters or
    numbers, a letter alone for a vector's length, () for a number. Letters of shapes are numbers in formulas.
    where: conditions on letters: "sums to 1", "positive", "symmetric", "one-hot", "unit", "invertible",
    "positive definite", "orthogonal"; several with a comma between them.
    Returns a Derivation: its `lines` have `text`, `verdict` and `message`; it is true when every line follows
    or is given. Never raises for what the text says. Raises ValueError when a shape or a condition is none.
    """
    return check(text, shapes, where or {})


def check(
    text: object,
    shapes: Mapping[str, object],
    where: Mapping[str, str],
    seed: int = 0,
    given: str = "",
) -> Derivation:
    """What `derive` does, with numbers drawn from a seed.

    given: the function of a task, as in "f(x) = xᵀx". Claims then say whether they are about it, and a
    text cannot pose conditions of its own on a letter, or give one another meaning.
    """
    conditions = _conditions(where, shapes)
    declared = _shapes(shapes)
    if not isinstance(text, str):
        return Derivation((Line("", UNREAD, "This cannot be read: a derivation is a text between quotes."),))
    if len(text) > MAX_TEXT:
        said = f"This cannot be read: a derivation has at most {MAX_TEXT} characters."
        return Derivation((Line(text[:60] + "…", UNREAD, said),))
    budget = Budget()
    best: tuple[Line, ...] | None = None
    for reading in _readings(text):
        try:
            lines = _checked(text, declared, conditions, reading, seed, budget, given)
        except (Unreadable, Misshapen, *FAILURES):
            lines = (Line(text[:60] + "…", UNDECIDED, "This cannot be decided: write it in shorter lines."),)
        if best is None or sum(map(bool, lines)) > sum(map(bool, best)):
            best = lines
        if all(best):
            break
    assert best is not None
    return Derivation(best)


def _readings(text: str) -> list[Reading]:
    """How a text may be meant where it does not say: the likely way first."""
    numerator = bool(
        re.search(r"\bnumerator[ -]?layout|layout\s*[:=]?\s*numerator|^\s*numerator\s*$", text, re.I | re.M)
    )
    denominator = bool(re.search(r"\bdenominator[ -]?layout|layout\s*[:=]?\s*denominator", text, re.I))
    rows = [False, True] if re.search(r"vec", text, re.I) else [False]
    examples = ["columns", "rows"] if re.search(r"[a-z]_|[a-z]\^\{?\(|[a-z][ᵢⱼₖ₁₂]", text) else ["columns"]
    return [Reading(r, numerator, denominator, e) for r in rows for e in examples]


def _checked(
    text: str,
    shapes: Mapping[str, Shape],
    conditions: Mapping[str, tuple[str, ...]],
    reading: Reading,
    seed: int,
    budget: Budget,
    given: str,
) -> tuple[Line, ...]:
    """Every line of a text in one reading of it."""
    head = re.sub(r"^\s*\w+", GIVEN_NAME, given)  # the function of the task, under a name nobody uses
    found = read(f"{head}\n{text}" if given else text, shapes, bool(given))
    if given:
        found.assumed.clear()
    checker = Explainer(found, reading, conditions, seed, budget)
    by_line: dict[int, list[Found]] = {}
    notes: dict[int, tuple[str, ...]] = {}
    unread = sorted(found.problems)
    for place, statement in enumerate(found.statements):
        while unread and unread[0] <= statement.line:
            checker.skip(found.raw[unread[0]])
            del unread[0]
        if statement.line in found.problems:
            continue
        after = found.statements[place + 1] if place + 1 < len(found.statements) else None
        checker.sizer.products, checker.sizer.noting = [], True
        with np.errstate(all="ignore"):
            result = _one(checker, statement, after)
            try:
                result.claim = checker.claim(statement, result)
            except (Unreadable, Misshapen, *FAILURES):
                result.claim = None  # what it is about cannot be computed
        notes[statement.line] = (*notes.get(statement.line, ()), *checker.sizer.products)
        by_line.setdefault(statement.line, []).append(result)
    checker.trace()
    lines = []
    for number, raw in enumerate(found.raw):
        if number in found.problems:
            lines.append(Line(raw, UNREAD, _sentence(found.problems[number])))
        elif number in found.remarks:
            lines.append(Line(raw, GIVEN))
        else:
            lines.append(_line(raw, by_line.get(number, []), notes.get(number, ())))
    return tuple(lines[1:] if given else lines)


def _one(checker: Explainer, statement: Statement, after: Statement | None) -> Found:
    """The verdict on one statement, whatever happens in it."""
    try:
        result = checker.check(statement, after)
    except Unreadable as problem:
        result = Found(UNREAD, str(problem))
    except Misshapen as problem:
        result = Found(WRONG, str(problem), slip="shapes")
    except FAILURES:  # a text of any content ends in a verdict
        result = Found(UNDECIDED, "No numbers were found on which both sides can be computed.")
    if result.verdict == UNREAD:
        checker.gap = True
    if checker.sizer.starred and result.verdict in (FOLLOWS, GIVEN):
        result.message = f"{result.message} The * is read entry by entry, as ⊙.".strip()
    stacks = any(n.kind == "fn" and n.name == "vec" for f in statement.formulas for n in f.walk())
    if checker.reading.rows and stacks and result.verdict == FOLLOWS:
        result.message = f"{result.message} It holds with vec by rows, not by columns.".strip()
    if (
        checker.subject is not None
        and result.verdict == FOLLOWS
        and (result.kind == "gradient" or checker.is_partial(result))
    ):
        checker.gradient = checker.subject
        checker.gradients.append(checker.subject)
    return result


_WORST = (WRONG, UNREAD, UNDECIDED, FOLLOWS, GIVEN)


def _line(raw: str, found: Sequence[Found], notes: tuple[str, ...]) -> Line:
    """One line from what is said of its statements: the worst counts."""
    if not found:
        return Line(raw, UNREAD, "No formula was found here: put words behind a #.")
    worst = min(found, key=lambda one: _WORST.index(one.verdict))
    claims = tuple(one.claim for one in found if one.claim is not None)
    return Line(raw, worst.verdict, _sentence(worst.message), worst.slip, claims, notes)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".?!" else text + "."


def _shapes(shapes: Mapping[str, object]) -> dict[str, Shape]:
    """Shapes as tuples. Raises ValueError, in one sentence, when one is none."""
    if len(shapes) > MAX_LETTERS:
        raise ValueError(f"At most {MAX_LETTERS} letters can have shapes.")
    found: dict[str, Shape] = {}
    for name, shape in shapes.items():
        parts = shape if isinstance(shape, (tuple, list)) else (shape,)
        dims: list[str | int] = []
        for part in parts:
            if isinstance(part, str) and part.strip().isidentifier() and len(part) < 20:
                dims.append(_canonical(part.strip()))
            elif isinstance(part, (int, np.integer)) and not isinstance(part, bool) and 1 <= part <= MAX_SIZE:
                dims.append(int(part))
            else:
                raise ValueError(
                    f"The shape of {name} is none: give letters or numbers up to {MAX_SIZE}, as in "
                    f"{name}=('m', 'n')."
                )
        if len(dims) > 2:
            raise ValueError(f"The shape of {name} has more than two sizes.")
        found[_canonical(name)] = tuple(dims)
    if len({d for shape in found.values() for d in shape if isinstance(d, str)}) > 12:
        raise ValueError("At most 12 letters can stand for sizes.")
    return found


def _conditions(where: Mapping[str, str], shapes: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Conditions on letters. Raises ValueError when one is not known, or the letter has no shape."""
    letters = {_canonical(name) for name in shapes}
    alike = {"sum to 1": "sums to 1", "sums to one": "sums to 1", "onehot": "one-hot", "one hot": "one-hot"}
    found: dict[str, tuple[str, ...]] = {}
    for name, said in where.items():
        given = []
        for part in re.split(r",|;|\band\b", said) if isinstance(said, str) else said:
            part = re.sub(r"\s+", " ", str(part).strip().lower())
            part = alike.get(part, part)
            if part not in CONDITIONS:
                raise ValueError(
                    f"{str(said)[:40]!r} is no condition on {name}: there are {', '.join(CONDITIONS)}."
                )
            given.append(part)
        if _canonical(name) not in letters:
            raise ValueError(f"There is a condition on {name}, which has no shape.")
        found[_canonical(name)] = tuple(sorted(given, key=CONDITIONS.index))
    return found


# ------------------------------------------------------------------ rendering

MARKS = {FOLLOWS: "✓", GIVEN: "·", WRONG: "✗", UNREAD: "?", UNDECIDED: "?"}


def _visible(text: str) -> str:
    """Text in which nothing hides: characters that cannot be printed are named."""
    return "".join(c if c.isprintable() or c == "\n" else f"⟨U+{ord(c):04X}⟩" for c in text)


def _plain(line: Line) -> str:
    text = _visible(line.text).replace("\n", "\n  ")
    shown = f"{MARKS[line.verdict]} {text}"
    if line.message and line.verdict not in (GIVEN,):
        label = "" if line.verdict in (FOLLOWS, UNREAD) else line.verdict + ": "
        shown += f"\n    {label}{_visible(line.message)}"
    return shown


_COLOURS = {FOLLOWS: "#1a7f37", GIVEN: "#57606a", WRONG: "#b42318", UNREAD: "#8a5a00", UNDECIDED: "#8a5a00"}


def _html(found: Derivation) -> str:
    rows = []
    for line in found.lines:
        text = html.escape(_visible(line.text)).replace("\n", "<br>")
        said = ""
        if line.message and line.verdict != GIVEN:
            label = "" if line.verdict in (FOLLOWS, UNREAD) else line.verdict + ": "
            said = html.escape(_visible(label + line.message))
        mark = f'<td style="color:{_COLOURS[line.verdict]}" title="{line.verdict}">{MARKS[line.verdict]}</td>'
        rows.append(
            f'<tr>{mark}<td style="text-align:left"><code>{text}</code></td>'
            f'<td style="text-align:left">{said}</td></tr>'
        )
    return f"<table>{''.join(rows)}</table>" if rows else "<p>Nothing is written yet.</p>"
