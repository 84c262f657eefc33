"""Servers that tests start for themselves, each in a process and a folder of its own."""
