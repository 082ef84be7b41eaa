"""A part as Markdown: its blocks, headings and sections, whatever markup it came in."""
