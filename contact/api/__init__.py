"""Contact in the API: topics, channels with their opening hours, places and notices."""
