; fact_captures.py says what the captures mean.
(comment) @comment
((variable_declaration (assignment_statement (expression_list value: [
  (function_call name: (identifier) @_require)
  (dot_index_expression table: (function_call name: (identifier) @_require))
]))) @import (#text-is? @_require "require"))
((function_call name: (identifier) @_require) @import (#text-is? @_require "require"))
(return_statement (expression_list . (identifier) @default .))
(variable_declaration "local" @modifier)
(function_declaration "local" @modifier)

(function_declaration name: [(identifier) (dot_index_expression) (method_index_expression)] @name body: (_) @body) @function
(function_declaration name: [(identifier) (dot_index_expression) (method_index_expression)] @name) @function
(variable_declaration (assignment_statement
  (variable_list name: (identifier) @name) (expression_list value: (function_definition body: (_) @body)))) @function
(assignment_statement
  (variable_list name: [(identifier) (dot_index_expression)] @name)
  (expression_list value: (function_definition body: (_) @body))) @function
(assignment_statement
  (variable_list name: [(identifier) (dot_index_expression)] @name)
  (expression_list value: (function_definition))) @function
(variable_declaration (assignment_statement (variable_list name: (identifier) @name))) @variable
(variable_declaration (variable_list name: (identifier) @name)) @variable
(assignment_statement (variable_list name: [(identifier) (dot_index_expression)] @name)) @variable
(field name: (identifier) @name value: (function_definition body: (_) @body)) @method

(function_definition) @scope
(identifier) @reference
(function_call name: [
  (identifier) @call
  (dot_index_expression field: (identifier) @call)
  (method_index_expression method: (identifier) @call)
])
(field name: (identifier) @skip)
(parameters name: (identifier) @local)
(for_generic_clause (variable_list name: (identifier) @local))
(for_numeric_clause name: (identifier) @local)
(goto_statement (identifier) @skip)
(label_statement (identifier) @skip)
