"""When to speak up: the alerts of one person, as pure functions over a state that is kept."""
