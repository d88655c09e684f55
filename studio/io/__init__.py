"""Files: atomic writes, paths, settings. No Qt."""
