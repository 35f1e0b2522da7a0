"""Organograms, units and their history; staffing, key figures, policies, statements and documents."""
