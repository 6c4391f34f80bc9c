"""Pure values and algorithms on text: no I/O, no asyncio, no clock, nothing of ours above it."""
