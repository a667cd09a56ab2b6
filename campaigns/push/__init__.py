"""Browsers that agreed to push messages: subscribed on websites of customers, kept, and forgotten."""
