"""A new fleet repository as files: what it starts with, and how far it has moved from that."""
