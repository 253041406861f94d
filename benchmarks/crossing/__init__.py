"""Parts of benchmarks/capturing.py: a server, and the clients that it compares."""
