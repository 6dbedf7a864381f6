"""The page that `skulens eval --html` writes: one file, without a network."""
