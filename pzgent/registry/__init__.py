"""Every page, collection and sort of thing that can be found, put together from the apps."""
