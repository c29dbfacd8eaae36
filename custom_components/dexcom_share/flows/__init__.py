"""The forms of set-up and of Configure."""
