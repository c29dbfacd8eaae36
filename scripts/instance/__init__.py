"""A real Home Assistant beside a simulated Share server: what the demo and the browser test have in common."""
