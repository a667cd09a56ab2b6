"""The visual builder: drafts, the operations on them, and what of it all is shown."""
