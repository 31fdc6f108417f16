"""The board's doors: each module answers one page's requests."""
