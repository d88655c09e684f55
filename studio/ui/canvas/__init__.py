"""The canvas view."""
