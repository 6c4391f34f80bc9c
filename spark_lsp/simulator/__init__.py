"""A scripted model server on the loopback interface, for demos and tests. No model is behind it, and it says so."""
