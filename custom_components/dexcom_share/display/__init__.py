"""Everything a user reads: units, words, payloads, errors and issues."""
