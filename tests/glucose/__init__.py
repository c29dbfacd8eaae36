"""Tests of glucose."""
