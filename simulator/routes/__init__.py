"""The calls that the server answers: one module a subject, each with its own table of routes."""
