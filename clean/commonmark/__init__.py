"""What CommonMark makes of a text, and the least that has to change for its emphasis to render."""
