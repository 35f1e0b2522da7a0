"""The questions that pages, the API and the admin ask about the organisation, each subject in its own module."""
