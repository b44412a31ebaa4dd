"""The county of the programme: what its programme fixes, and marked samples for the rest."""
