"""Output of the commands: reports, tables, differences, progress, errors and exit codes."""
