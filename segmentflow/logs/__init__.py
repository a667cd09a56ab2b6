"""What is written to the log, and what never is."""
