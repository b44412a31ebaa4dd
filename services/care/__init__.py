"""Care: the talks that must be held, and what was said in them, which stays here."""
