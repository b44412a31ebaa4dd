"""What is measured: one file per thing, run by `make bench`, never as a timed test."""
