"""The command line: commands and what they print; the only room that may use all the others."""

FINE, FINDINGS, FIXABLE, BUG = 0, 1, 2, 3
"""Exit statuses."""
