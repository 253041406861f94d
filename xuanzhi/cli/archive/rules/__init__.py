"""`archive rules`: one module for each action."""
