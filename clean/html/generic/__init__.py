"""Content extraction from general web pages: blocks, features, witnesses, a model, explained cuts."""
