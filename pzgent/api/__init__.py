"""The JSON API: its URLs, its description, and the resources that belong to no app."""
