"""What a draft leaves out of a page, where that is certain, with the reason."""
