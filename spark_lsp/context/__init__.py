"""What the model gets to see: code around the cursor or the selection, bounded and checked."""
