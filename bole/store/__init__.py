"""One database per service: the transaction, its locks, its tables and their migrations."""
