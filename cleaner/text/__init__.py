"""Strings alone: encodings, characters, typography, line wrapping, kinds of line, keys of equal texts, facts, languages."""
