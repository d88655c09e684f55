"""The window: the only place for QtWidgets and qasync."""
