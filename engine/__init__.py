"""Skulens' engine: catalogs, encoder, index and lookup. It knows nothing of a screen."""
