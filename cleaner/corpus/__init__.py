"""What only the whole corpus tells: site templates, copies of documents, wire paragraphs."""
