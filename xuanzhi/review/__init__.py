"""The review page: what needs eyes, shown at a glance, decided by key, in the browser of the person who decides.

It needs the extra `review`, and only the command `archive review` imports it.
"""
