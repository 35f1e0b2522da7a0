"""The content that a site starts with, and what a release proposes afterwards."""
