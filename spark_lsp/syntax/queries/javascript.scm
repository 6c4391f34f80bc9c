; scopes.py says what the captures mean.
(field_definition value: [(arrow_function) (function_expression)]) @scope
