; scopes.py says what the captures mean.
(function_declaration) @scope
(variable_declaration (assignment_statement (expression_list value: (function_definition)))) @scope
(assignment_statement (expression_list value: (function_definition))) @scope
(field value: (function_definition)) @scope
