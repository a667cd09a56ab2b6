"""Another type for a field whose values are there already (docs/decisions/0012)."""
