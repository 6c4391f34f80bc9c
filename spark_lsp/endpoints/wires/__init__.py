"""The wires, one file each: how a request looks there, and what the bytes of its answer mean."""
