"""Scenarios: steps read, played with the real integration in virtual time, and written down as a timeline."""
