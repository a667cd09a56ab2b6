"""Who changed what: a log that is only ever added to (docs/audit.md)."""
