"""Scheduled visits: carrying out what `archive.schedule` plans, and telling what was noticed."""
