"""Learning of rules from what the pages of one source repeat. Pure: pages in, proposals out."""
