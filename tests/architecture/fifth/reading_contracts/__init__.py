"""What the reading service says and is asked."""
