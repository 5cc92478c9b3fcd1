"""What is wrong with a scenario, in a planner's words, and where it is written."""
