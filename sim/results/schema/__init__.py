"""What each file of results must hold, whoever wrote it: tables, and documents of JSON."""
