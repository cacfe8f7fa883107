"""What other libraries wrote is read, and nothing else is."""
