"""Maintenance of a collection: verification, rebuilding of the catalogue, repair."""
