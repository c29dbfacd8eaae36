"""Tests of the simulator's control interface."""
