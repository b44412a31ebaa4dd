"""What care publishes: its events, its calls, its questions."""
