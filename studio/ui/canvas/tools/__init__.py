"""The canvas's tools: each turns what the hand does into one edit."""
