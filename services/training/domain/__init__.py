"""Pure rules: dates and numbers in, decisions out. No database, no clock, no packs."""
