"""Scenarios with what must come of them, and random days judged by the rules."""
