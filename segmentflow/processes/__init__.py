"""The processes of a running installation, and the supervisor that keeps them."""
