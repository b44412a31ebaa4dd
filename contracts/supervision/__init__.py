"""What supervision publishes: its events, its calls, its questions."""
