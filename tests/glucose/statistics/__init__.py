"""Tests of `glucose/alerts`."""
