"""WARC, ARC and WACZ files of others, taken into a collection byte for byte."""
