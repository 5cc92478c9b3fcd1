"""What happens to what nobody should ever write: `python -m tests.fuzz --minutes 30`."""
