"""The benchmark: script/bench."""
