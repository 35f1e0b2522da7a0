"""The whole data set in bulk."""
