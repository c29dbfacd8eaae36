"""Tests of the simulator's routes."""
