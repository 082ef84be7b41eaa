"""A fleet is a function of a tree: read a work tree or any Git ref, get skills, taxonomy and configuration."""
