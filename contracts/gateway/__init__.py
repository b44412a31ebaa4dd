"""What the gateway answers: tokens, the whole of a person or a unit, the work to do."""
