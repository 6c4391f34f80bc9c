; scopes.py says what the captures mean.
(block_mapping_pair) @block @item
(block_sequence_item) @block
