"""Import of WARC, ARC, WACZ and zip files of others, byte for byte."""
