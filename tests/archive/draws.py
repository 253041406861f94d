"""How many examples a law is tried on: its own measure, times what the profile of Hypothesis says.

Profiles (tests/conftest.py) are chosen by HYPOTHESIS_PROFILE, or `pytest --hypothesis-profile`.
"""

from hypothesis import settings

__all__ = ["draws"]

_WHOLE = 100
"""Examples of Hypothesis's own, and so of a profile that takes a law's measure as it is."""


def draws(measure: int) -> int:
    """Return how many examples the profile in use takes of a law for which this many are the measure."""
    return max(1, measure * settings().max_examples // _WHOLE)
