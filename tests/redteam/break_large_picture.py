"""Shows pictures of 900 megapixels: a figure, within HTML, as SVG. Stock nbgrader: no browser opens it."""

from tests.pictures import as_text, png

picture = as_text(png(30_000, 30_000))
CELLS = {
    "extra first cell": f"""
from IPython.display import publish_display_data

large = "{picture}"
for _ in range(10):
    publish_display_data({{"image/png": large, "text/plain": "figure"}})
    html = "<img src='data:image/png;base64," + large + "'>"
    publish_display_data({{"text/html": html, "text/plain": "html"}})
    publish_display_data({{"image/svg+xml": "<svg width='30000' height='30000'/>", "text/plain": "svg"}})
""",
}
