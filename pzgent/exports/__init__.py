"""Bulk export of the whole data set."""
