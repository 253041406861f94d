"""Formats of files that hold no page, told by their content, and what is said of each."""
