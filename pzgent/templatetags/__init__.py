"""What the templates of every page ask for."""
