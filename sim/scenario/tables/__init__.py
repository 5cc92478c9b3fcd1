"""Tables as people keep them, read cell by cell: text with separators, Excel, OpenDocument."""
