"""Tests of `glucose/statistics`."""
