"""The members of a segment by the values of a field."""
