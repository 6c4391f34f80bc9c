; scopes.py says what the captures mean.
(function_definition) @scope
[
  (if_statement) (for_statement) (c_style_for_statement) (while_statement) (case_statement)
  (compound_statement) (subshell)
] @block
