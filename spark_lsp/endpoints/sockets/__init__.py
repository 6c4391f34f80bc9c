"""OpenAI's Responses over WebSockets: one request at a time on each, and a pool that keeps them warm."""
