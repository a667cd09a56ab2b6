"""The demonstration workspace: invented people, a year of what they did, and more while it runs."""
