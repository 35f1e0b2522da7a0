"""Plans, projects and objectives."""
