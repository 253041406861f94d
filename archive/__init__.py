"""Keeping: the collection of WARC files, the catalogue, the versions; what was kept is never changed."""
