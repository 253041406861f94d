"""A diff for Chinese Markdown: blocks, then sentences, then single ideographs."""
