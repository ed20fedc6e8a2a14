"""Programs that write pages and pictures of these docs from the code. The package imports none of them."""
