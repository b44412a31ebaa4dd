"""Training: remedial, standby and appointment training, from assignment to its end."""
