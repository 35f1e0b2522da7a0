"""The organisation in the API: structure, staffing, policies and facts."""
