; Only in C++.
(using_declaration) @import
(template_declaration) @wrapper
(class_specifier "class" @section name: (_) body: (_))
(struct_specifier "struct" @section name: (_) body: (_))
(access_specifier) @section

(class_specifier name: [(type_identifier) (template_type)] @name body: (_) @body) @class
(struct_specifier name: (template_type) @name body: (_) @body) @class
(namespace_definition name: (_) @name body: (_) @body) @module
(alias_declaration name: (_) @name) @type
(concept_definition name: (_) @name) @type
(function_definition declarator: [
  (function_declarator declarator: [(field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name)
  (_ (function_declarator declarator: [(field_identifier) (qualified_identifier) (operator_name)] @name))
  (_ (_ (function_declarator declarator: [(field_identifier) (qualified_identifier) (operator_name)] @name)))
] body: (_) @body) @function
(function_definition declarator: [
  (function_declarator declarator: [(identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name)
  (_ (function_declarator declarator: [(field_identifier) (qualified_identifier) (operator_name)] @name))
]) @function
(field_declaration declarator: [
  (function_declarator declarator: [(field_identifier) (operator_name)] @name)
  (_ (function_declarator declarator: [(field_identifier) (operator_name)] @name))
  (_ (_ (function_declarator declarator: [(field_identifier) (operator_name)] @name)))
]) @method
(declaration declarator: [
  (function_declarator declarator: [(destructor_name) (operator_name)] @name)
  (_ (function_declarator declarator: (operator_name) @name))
]) @function
(declaration declarator: [
  (reference_declarator (identifier) @name)
  (init_declarator declarator: (reference_declarator (identifier) @name))
]) @variable
(field_declaration declarator: (reference_declarator (field_identifier) @name)) @field

(base_class_clause [
  (type_identifier) @base
  (template_type name: (type_identifier) @base)
  (qualified_identifier name: [(type_identifier) @base (template_type name: (type_identifier) @base)])
])
(destructor_name (identifier) @skip)
(nested_namespace_specifier (namespace_identifier) @skip)
(lambda_expression) @scope
(namespace_identifier) @reference
(qualified_identifier name: (identifier) @reference)
(call_expression function: [
  (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)])
  (qualified_identifier name: (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)]))
  (template_function name: (identifier) @call)
  (field_expression field: (template_method name: (field_identifier) @call))
])
(new_expression type: [
  (type_identifier) @call
  (template_type name: (type_identifier) @call)
  (qualified_identifier name: [(type_identifier) @call (template_type name: (type_identifier) @call)])
])
(compound_literal_expression type: (type_identifier) @call)
(parameter_declaration declarator: (reference_declarator (identifier) @local))
(optional_parameter_declaration declarator: [
  (identifier) @local
  (_ (identifier) @local)
])
(type_parameter_declaration (type_identifier) @type_parameter)
(for_range_loop declarator: [(identifier) @local (_ (identifier) @local)])
(structured_binding_declarator (identifier) @local)
