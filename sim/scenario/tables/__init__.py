"""Tables as people keep them: text with separators, Excel or OpenDocument; one reader for all."""
