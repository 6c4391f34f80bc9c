"""One file a feature, each an async function over a snapshot."""
