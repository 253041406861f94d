"""The WARC format, of our own files and of others': records, gzip members, reading, writing, validation."""
