"""The kernel that all apps share; it imports nothing else of the project."""
