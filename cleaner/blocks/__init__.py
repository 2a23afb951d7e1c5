"""A trained judge of text blocks: features in columns, trees as plain arrays."""
