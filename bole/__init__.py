"""The kit: what every service stands on. It knows no service and none of their nouns."""
