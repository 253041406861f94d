"""The version of this software, and the name under which it signs what it makes."""

__all__ = ["SOFTWARE", "__version__"]

__version__ = "0.1.0"

SOFTWARE = f"xuanzhi/{__version__}"
"""Named in every ledger and in WARC records (`software`)."""
