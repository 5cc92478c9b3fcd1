"""Pages for people who decide: one file each, drawn from saved results."""

from typing import Final

ENGLISH: Final = "en"
"""The language of a page unless another is wanted."""
