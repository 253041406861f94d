"""The catalogue: the SQLite index of articles, captures, versions and records, and every query on it."""
