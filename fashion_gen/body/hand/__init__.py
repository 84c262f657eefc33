"""Hands: their form, and what they reach for."""
