"""A collection on the disk: opening, committing, reading, its Markdown files and reviewers' decisions."""
