"""Forms built from generator fields."""
