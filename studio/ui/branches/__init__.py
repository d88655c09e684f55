"""The ways a text could have gone: their panel, going to them, comparing them."""
