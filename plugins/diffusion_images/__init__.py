"""Pictures from words with diffusion models on this machine."""

FOLIO_API = 1
