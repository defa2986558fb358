"""What rooms hand to each other."""
