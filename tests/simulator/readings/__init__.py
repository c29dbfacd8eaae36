"""Tests of the simulator's readings."""
