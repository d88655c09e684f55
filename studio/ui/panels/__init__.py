"""Docked panels: generate, queue, history."""
