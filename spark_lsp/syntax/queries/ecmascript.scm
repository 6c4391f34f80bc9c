; scopes.py says what the captures mean.
; JavaScript and TypeScript.
(function_declaration) @scope
(generator_function_declaration) @scope
(class_declaration) @scope
(class) @scope
(method_definition) @scope

; A function counts as defined where it gets its name.
(lexical_declaration (variable_declarator value: [
  (arrow_function) (function_expression) (generator_function) (class)
])) @scope
(variable_declaration (variable_declarator value: [
  (arrow_function) (function_expression) (generator_function) (class)
])) @scope
(expression_statement (assignment_expression right: [
  (arrow_function) (function_expression) (generator_function) (class)
])) @scope
(pair value: [(arrow_function) (function_expression) (generator_function)]) @scope
(export_statement value: [(arrow_function) (function_expression)]) @scope

; Tests and routes: a call that is a statement and is given a function.
(expression_statement (call_expression
  arguments: (arguments [(arrow_function) (function_expression)]))) @block

(export_statement) @block @wrapper
