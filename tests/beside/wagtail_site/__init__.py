"""A small Wagtail site with a page like ours, to measure beside; it runs in an environment of its own."""
