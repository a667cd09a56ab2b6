"""What happens when something breaks: faults injected into a running installation, and what came of them."""
