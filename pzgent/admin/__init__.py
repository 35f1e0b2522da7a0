"""The site of the admin, who signs in there, and the admin of what the portal itself keeps."""
