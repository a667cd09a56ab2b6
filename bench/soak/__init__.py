"""An installation under a steady load for long: does anything grow that should not."""
