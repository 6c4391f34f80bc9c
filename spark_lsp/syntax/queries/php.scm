; scopes.py says what the captures mean.
(function_definition) @scope
(method_declaration) @scope
(class_declaration) @scope
(interface_declaration) @scope
(trait_declaration) @scope
(enum_declaration) @scope
(expression_statement (_ arguments: (arguments (argument [(anonymous_function) (arrow_function)])))) @block
