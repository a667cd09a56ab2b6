"""The documents of the repository as pages below /docs/: read, rendered, searched."""
