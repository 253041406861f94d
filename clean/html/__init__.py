"""HTML pages: from the bytes of a page to Markdown and a list of what was left out."""
