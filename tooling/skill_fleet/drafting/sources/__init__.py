"""From paths to parts: files are read, repaired, split where they are dumps, and chosen."""
