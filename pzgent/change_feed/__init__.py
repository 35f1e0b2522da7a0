"""The change feed, and how a change of the data is noticed."""
