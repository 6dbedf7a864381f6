"""A retailer's source becomes a new generation of a catalog."""
