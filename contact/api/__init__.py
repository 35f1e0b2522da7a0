"""Contact in the API: topics, channels with their opening hours, locations and notices."""

# Under what heading the description of the API lists them.
TAG = "Contact"
