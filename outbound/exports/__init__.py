"""Members of a segment as a file, again and again: into a folder or to an address."""
