"""The editor of a campaign's message: what is typed and pressed there changes its content."""
