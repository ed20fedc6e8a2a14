"""What students get, read as a person would: every text, every box, every expression.

In: the folder of a release; the code of the staff; the answer keys, which say what a right answer returns.
Out: what gives an answer or a derivation away, and what only a person can look at.

- contents: `read_contents` lists everything a folder holds as `Contents`: each `Text`, each `Opaque` thing.
- unpacking: what bytes are, and what stands in them: archives, compressed streams, pictures, documents.
- snippets: Python in code, sentences, comments and strings.
- expressions: the normal form of an expression, the same for others of its meaning.
- suspects: `suspects` finds each `Suspect`, which computes an answer, and each `Piece` of a solution.
- trying: `Asked` and `try_out`: which snippets compute what a graded function returns.
- child: the process in which snippets are tried.
- answers: what graded functions return, and whether something else does.
- derivations: each `Scheme` of marking, and `Schemes` told in other texts.
"""
