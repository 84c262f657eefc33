"""From surfaces to pixels: what is seen, its relief and the light on it."""
