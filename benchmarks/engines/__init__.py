"""One facility in several simulators, and what each costs: `python -m benchmarks.engines`."""
