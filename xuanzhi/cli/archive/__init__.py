"""`archive`: one module for each of its commands; `main` finds them.

Nothing else may stand here: a submodule becomes a name of its package, and `list` is one.
"""
