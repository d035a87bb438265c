"""Full-text search in one's own conversations, over an index that can always be made again from the log."""
