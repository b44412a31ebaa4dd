"""The four sections of the department, each with its own service and its own data."""
