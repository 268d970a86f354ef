"""The battery as tables, a picture, sentences and a page."""
