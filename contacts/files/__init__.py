"""Files that people bring: what they hold, record by record, never more of it than fits in memory."""
