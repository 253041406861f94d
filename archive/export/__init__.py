"""Exports of a collection to the formats of other tools, one module for each format."""
