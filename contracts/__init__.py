"""The published language: events, calls and policy questions, one folder per producer. No behaviour."""
