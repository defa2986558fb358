"""Stand-ins for the outside world, for all tests."""
