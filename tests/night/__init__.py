"""Tests of the wake-up chains at work."""
