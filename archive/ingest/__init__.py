"""From a capture to the records and rows that keep it: preparation, which needs no lock, and commit."""
