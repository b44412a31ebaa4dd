"""Calls between processes: the multiplexing client and the in-process transport."""
