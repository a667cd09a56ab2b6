"""Images for messages: taken, kept, served to whoever has their address."""
