"""A head: its form, its features and the light on it; hair in all its styles."""
