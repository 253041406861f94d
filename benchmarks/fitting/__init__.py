"""What `fit_blocks.py` is made of: pages with truth, labels of blocks, scores, the model file."""
