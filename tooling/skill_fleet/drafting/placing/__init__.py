"""From plans to files: pieces in order, tables, links, and the account of every line."""
