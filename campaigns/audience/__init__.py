"""Who gets a message, and why others do not: one SQL statement judges each contact once."""
