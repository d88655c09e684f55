"""The explore panels: a grid of results to choose, keep, vary, mix, change by sliders and walk through."""
