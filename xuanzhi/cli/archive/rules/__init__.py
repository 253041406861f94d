"""`archive rules`: one module for each of its actions; `main` finds them.

Nothing else may stand here: a submodule becomes a name of its package, and `list` is one.
"""
