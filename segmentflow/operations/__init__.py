"""What is seen from outside: whether it lives, how it goes, and what is wrong."""
