"""What the commands do. Each module is imported only when its command runs."""

DONE, FAILED, WRONG_USAGE, CANCELLED = 0, 1, 2, 130
"""The exit codes. 130 is a shell's word for "ended by Ctrl-C"."""
