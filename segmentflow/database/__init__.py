"""The embedded PostgreSQL: where it lives, whom it runs as, how it starts and ends."""
