"""For how long the log of who entered and left is kept."""
