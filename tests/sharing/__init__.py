"""Tests of `sharing`."""
