"""One account and its line to Share: the client, the guarded log-in, the clock."""
