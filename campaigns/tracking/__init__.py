"""What comes back: opens, clicks, unsubscribing, bounces; and what they become."""
