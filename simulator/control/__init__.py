"""The control interface under `/_simulator/`: the simulated world, changed from outside."""
