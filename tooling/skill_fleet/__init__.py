"""Skill Fleet: a repository of agent skills that runs itself, on Git alone."""

__version__ = "0.1.0"
