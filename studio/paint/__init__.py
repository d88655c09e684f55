"""Pixels: tiles read and written, layers blended and composed. QtGui's QImage and numpy; no widgets."""
