"""What others captured, taken over byte for byte: WARC, ARC and WACZ files of any writer."""
