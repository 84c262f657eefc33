"""Companion clothes and shoes."""
