"""From a campaign that starts to messages that were handed over, each once."""
