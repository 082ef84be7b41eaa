"""Markdown: blocks, headings, fences, links, anchors and front matter, each with its lines; and escaping. The only parser."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
