"""The commands, a room for each group: the batch, one stage, looking at what was done, and what exists."""
