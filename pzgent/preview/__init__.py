"""Previews of public pages: as they will be at a chosen moment, with drafts shown as if they were published."""
