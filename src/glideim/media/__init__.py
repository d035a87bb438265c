"""Files: uploaded in one piece or in parts, kept in a blob store, found by a name that cannot be guessed."""
