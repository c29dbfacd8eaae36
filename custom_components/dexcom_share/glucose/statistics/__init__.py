"""Figures over many readings."""
