"""What happened: times, tokens, cost and outcome of requests, and what the user thought of them. Never any code."""
