"""Pages: parsed once, every visible block with its hints, the extractor's verdict, metadata."""
