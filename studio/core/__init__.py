"""Pure state: no Qt, no torch, no threads, no disk."""
