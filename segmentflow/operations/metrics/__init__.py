"""What Prometheus reads: all of it stored in PostgreSQL, so it is the same from every process."""
