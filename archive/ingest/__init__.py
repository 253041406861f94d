"""Ingest: preparation of records and rows, which needs no lock, and their commit."""
