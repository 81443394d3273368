"""What happened, in plain Python: events, and how they are recorded and read."""
