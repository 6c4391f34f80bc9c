"""The settings: what there is (`model`), read from any source (`layers`, `files`), described (`schema`).

Settings come from files and editors that nobody vouches for, so nothing here raises on what it is given: what is
wrong becomes a `Problem`, and the rest holds. Nothing here imports anything else of ours.
"""
