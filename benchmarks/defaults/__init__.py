"""What the values to start from say of sites of which something was published."""
