"""Wake-up chains at work: steps in the house, the proof that they work, and what is put back afterwards."""
