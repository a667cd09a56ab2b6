"""Who is in several segments at once, counted from the stored members."""
