"""Pure rules: numbers, words and dates in, decisions out. No database, no clock, no packs."""
