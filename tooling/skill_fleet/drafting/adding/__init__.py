"""A document that is added to a skill that is there already."""
