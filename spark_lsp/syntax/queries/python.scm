; scopes.py says what the captures mean.
(function_definition) @scope
(class_definition) @scope
(decorated_definition) @scope @wrapper
[
  (if_statement) (for_statement) (while_statement) (with_statement) (try_statement) (match_statement)
] @block
