"""Shows scripts and forms, and carries them in names and errors.

Stock nbgrader: they run in the feedback page.
"""

CELLS = {
    "squared_norm": """
def squared_norm(x):
    raise type("<script>alert(1)</script>", (Exception,), {})("<script>alert(2)</script>")


squared_norm.__name__ = "<script>alert(3)</script>"
""",
    "extra last cell": """
from IPython.display import HTML, Javascript

display(HTML("<script>alert(4)</script>"), Javascript("alert(5)"))
display({"image/png": "<script>", "text/html": "<script>"}, raw=True)
display({"text/plain": "x"}, metadata={"image/png": {"alt": "'\\"><script>"}}, raw=True)
print("<script>alert(6)</script>")
""",
}
