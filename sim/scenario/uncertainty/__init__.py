"""What planners do not know: ranges of values, and worlds drawn from them."""
