"""Sheets that people look at: the looks of a garment (`contact_sheet`), and what was seen in photos (`preflight_sheet`)."""
