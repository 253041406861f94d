"""Cleaning: a page or a snapshot in, Markdown and a ledger out; pure, without clock, network or disk."""

__version__ = "0.1.0"
