"""The JSON API: its addresses, its description, and what belongs to no app."""
