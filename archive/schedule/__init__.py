"""Scheduled visits: which article is due when, who visits it, and what the visits found."""
