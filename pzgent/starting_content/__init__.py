"""Starting content of a new site, and the changes to it that later releases propose."""
