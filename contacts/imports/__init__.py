"""Contacts from files: uploaded, mapped to fields, tried, and stored bite by bite."""
