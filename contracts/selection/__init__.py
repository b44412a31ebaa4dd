"""What selection publishes: its events, its calls, its questions."""
