"""What the members of a segment have that others have not: found in a sample, with its numbers."""
