"""The kernel that all apps share; it imports no other part of the project."""
