"""Files to records, and cleaned batches to Parquet and back."""
