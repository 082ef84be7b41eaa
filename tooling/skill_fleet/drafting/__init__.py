"""From documents and a task to a Brief, and from there to a Draft: the files of one skill."""
