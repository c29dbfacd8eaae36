"""Tests of `display`."""
