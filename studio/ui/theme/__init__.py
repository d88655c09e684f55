"""Light and dark theme, icons."""
