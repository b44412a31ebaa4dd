"""What counts as a note."""
