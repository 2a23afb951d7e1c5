"""The steps of the pipeline, each callable alone."""
