"""From one journal to the others: relay, broker, intake, parking, pull."""
