"""The door: HTTP in front of the calls that the contracts declare. No rules of any trade in here."""
