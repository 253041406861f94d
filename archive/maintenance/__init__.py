"""What keeps a collection sound: verification, rebuilding of the catalogue, repair."""
