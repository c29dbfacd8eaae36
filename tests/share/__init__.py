"""Tests of share."""
