"""What is sent: templates, contents and a contact become a message."""
