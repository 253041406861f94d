"""Facts that a page says of itself: title, names, dates, in its head, in its data and beside its headline."""
