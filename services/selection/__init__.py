"""Selection: the roster, appointments, candidacies, and what bars from being an inspection object."""
