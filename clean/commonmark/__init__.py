"""CommonMark parsing, and repair of emphasis that does not render."""
