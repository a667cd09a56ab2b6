"""Mails to people when a segment's size changes more than they expect."""
