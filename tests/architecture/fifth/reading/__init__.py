"""Who read what."""
