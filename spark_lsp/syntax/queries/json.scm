; scopes.py says what the captures mean.
(pair) @block @item
(array (object) @block)
