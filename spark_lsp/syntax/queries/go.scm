; scopes.py says what the captures mean.
(function_declaration) @scope
(method_declaration) @scope
(type_declaration) @scope
[(const_declaration) (var_declaration)] @block
