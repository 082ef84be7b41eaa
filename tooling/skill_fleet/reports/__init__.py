"""Findings as people and programs read them. Only this room formats; what a skill says is shown, never obeyed."""
