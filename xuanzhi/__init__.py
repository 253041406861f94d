"""The application: commands over capture, clean and archive; the only package that knows all three."""
