"""The wire `jobs`: a job is submitted, asked for until it is over, and called off when nobody waits any more."""
