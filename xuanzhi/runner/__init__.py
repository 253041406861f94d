"""Scheduled visits: the runner, feeds, hooks."""
