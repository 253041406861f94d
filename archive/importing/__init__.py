"""Import of WARC, ARC and WACZ files of others, byte for byte."""
