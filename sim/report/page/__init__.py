"""What pages are made of: words, figures, drawings, and the document as HTML."""
