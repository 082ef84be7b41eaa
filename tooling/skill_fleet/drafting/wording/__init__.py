"""What is said about a text in its own words: names, topics, occasions, the description, the front matter."""
