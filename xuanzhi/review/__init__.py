"""The review page: a local web application for changes that need a decision.

It needs the extra `review`, and only the command `archive review` imports it.
"""
