"""The content for other sites and programs: feeds, sitemaps, embeds, linked data, pictures to share."""
