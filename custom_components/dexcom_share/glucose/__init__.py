"""The meaning of readings: pure functions and small state machines, no I/O, no clock of their own."""
