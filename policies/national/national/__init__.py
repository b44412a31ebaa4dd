"""What national law fixes for every county: dated values, each with its article and how sure we are of it."""
