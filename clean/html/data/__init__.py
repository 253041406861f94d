"""Texts in a page's data: values in its scripts and attributes, the search for its own text, and texts of editors."""
