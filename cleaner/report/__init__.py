"""What a run did, as a page: queries over its Parquet files, then one HTML file that needs nothing else."""
