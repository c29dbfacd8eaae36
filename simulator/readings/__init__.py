"""The sensor's side: readings, where they come from, and how long they take to Share."""
