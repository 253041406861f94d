"""The pages, each a view: what was asked in, an answer out."""
