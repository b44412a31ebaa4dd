"""What clients see of the whole: the door (HTTP) and the projector (read model)."""
