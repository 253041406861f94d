"""Shards: one file of records in, one shard of rows out, on any number of machines, each made exactly once."""
