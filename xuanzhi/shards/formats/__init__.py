"""Formats of shards: Parquet, conversion WARC files, JSON lines; each a writer of rows into files that grow."""
