"""The change feed, and the detection of data changes."""
