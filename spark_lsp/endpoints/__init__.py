"""Model endpoints: wires (bytes to events, sans-IO) and the transport that carries them."""
