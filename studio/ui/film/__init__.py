"""Showing films: frames are decoded on the I/O executor, the window only paints them."""
