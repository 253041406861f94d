"""What the commands print: reports, tables, differences, progress, and errors with their exit codes."""
