"""The command line: commands and what they print; the only room that may use all the others."""

FINE, FINDINGS, FIXABLE, BUG = 0, 1, 2, 3
"""Exit statuses."""

INDEX = "skill_fleet.index"
"""The key, in click's `meta`, of the path of the index that a Git hook was given."""
