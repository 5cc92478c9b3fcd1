"""The page on which the designs of a sweep are looked up: each in words, with its differences."""
