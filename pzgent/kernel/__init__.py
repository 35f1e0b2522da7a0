"""What the apps share; imports nothing of the project."""
