"""A contract that nobody here ever heard of: what a fifth service would bring."""
