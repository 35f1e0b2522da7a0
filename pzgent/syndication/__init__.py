"""Content for other sites and programs: feeds, sitemaps, embeds, oEmbed, linked data and sharing pictures."""
