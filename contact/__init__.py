"""Topics, channels, places, opening hours and notices: which desk answers now."""
