"""The command line: commands and what they print; the only room that may use all the others."""
