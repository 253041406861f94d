"""Capturing: a URL in, exchanges out, as they crossed the wire; knows nothing of cleaning or keeping."""
