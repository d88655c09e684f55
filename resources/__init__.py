"""Data the program ships: icons, themes, configs, starter models (`studio.io.resources`)."""
