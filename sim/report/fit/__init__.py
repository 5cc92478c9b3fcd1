"""The page of a fit: a site's own log in pictures, what was made of it, how it plays back."""
