"""What a paragraph shares with the rest of its article, sentence fragments, two stories in one, document quality."""
