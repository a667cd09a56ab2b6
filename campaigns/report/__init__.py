"""What came of a campaign: the numbers, over time, by link, and as a file."""
