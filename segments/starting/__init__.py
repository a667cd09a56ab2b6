"""New segments: empty ones, and those that begin from a template."""
