"""The page that plays one day."""
