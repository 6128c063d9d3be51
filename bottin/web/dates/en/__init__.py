"""English as the pages write it."""
