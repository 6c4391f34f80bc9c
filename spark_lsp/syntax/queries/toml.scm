; scopes.py says what the captures mean.
(table) @scope
(table_array_element) @scope
(pair) @item
