"""What is known of a repository: so far, which of its files must not be read for a prompt."""
