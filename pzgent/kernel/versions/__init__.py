"""Versions of what editors edit: snapshots, their history and restoration, working copies, and the bin.

A snapshot is an object with its parts as JSON. `take` makes one, `apply` gives an object its state again, through the
validation and the `save()` of its model.
"""
