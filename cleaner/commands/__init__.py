"""The commands that look at things, each file one kind: what a document went through, what a run did, how two runs differ."""
