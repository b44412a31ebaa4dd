"""What training publishes: its events, its calls, its questions."""
