"""Pull requests on GitHub. The only place that talks to it; the library for that is imported when a forge is opened."""
