"""The demo: a small editor drives a real server through four acts, checks what came of them, and shows it."""
