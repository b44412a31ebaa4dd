"""Supervision: assessment cycles and their results, corrections, measures and return visits."""
