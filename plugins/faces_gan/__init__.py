"""Faces from generative adversarial networks of the StyleGAN2 kind."""
