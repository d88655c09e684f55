"""The model store and the history."""
