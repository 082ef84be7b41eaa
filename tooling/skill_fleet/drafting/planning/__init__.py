"""What stays in SKILL.md and what becomes a file of its own."""
