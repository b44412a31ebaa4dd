"""The journal: the one way to make an event, its chain of hashes, and how it is read."""
