; fact_captures.py says what the captures mean.
(comment) @comment
(using_directive) @import
(file_scoped_namespace_declaration name: (_) @package)
(modifier) @modifier
(record_declaration "record" @section)

(namespace_declaration name: (_) @name body: (_) @body) @module
(class_declaration name: (_) @name body: (_) @body) @class
(struct_declaration name: (_) @name body: (_) @body) @class
(record_declaration name: (_) @name body: (_) @body) @class
(record_declaration name: (_) @name) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_member_declaration name: (_) @name) @member
(delegate_declaration name: (_) @name) @type
(method_declaration name: (_) @name body: (_) @body) @method
(method_declaration name: (_) @name) @method
(constructor_declaration name: (_) @name body: (_) @body) @method
(local_function_statement name: (_) @name body: (_) @body) @function
(property_declaration name: (_) @name) @field
(event_declaration name: (_) @name) @field
((field_declaration (modifier) @_const (variable_declaration (variable_declarator name: (_) @name)))
  @constant (#text-is? @_const "const"))
(field_declaration (variable_declaration (variable_declarator name: (_) @name))) @field
(event_field_declaration (variable_declaration (variable_declarator name: (_) @name))) @field
(record_declaration (parameter_list (parameter name: (_) @name) @field))

(base_list [
  (identifier) @base
  (generic_name . (identifier) @base)
  (qualified_name name: [(identifier) @base (generic_name . (identifier) @base)])
  (primary_constructor_base_type type: [(identifier) @base (generic_name . (identifier) @base)])
])

(lambda_expression) @scope
(operator_declaration) @scope
(conversion_operator_declaration) @scope
(indexer_declaration) @scope
(accessor_declaration) @scope
(anonymous_method_expression) @scope
(identifier) @reference
(_ type: (_) @type_region)
(method_declaration returns: (_) @type_region)
(local_function_statement type: (_) @type_region)
(type_argument_list) @type_region
(typeof_expression) @type_region
(invocation_expression function: [
  (identifier) @call
  (generic_name . (identifier) @call)
  (member_access_expression name: [(identifier) @call (generic_name . (identifier) @call)])
  (conditional_access_expression (member_binding_expression name: (identifier) @call))
])
(object_creation_expression type: [
  (identifier) @call
  (generic_name . (identifier) @call)
  (qualified_name name: [(identifier) @call (generic_name . (identifier) @call)])
])
(attribute name: [(identifier) @call (qualified_name name: (identifier) @call)])
(argument name: (identifier) @skip)
(parameter name: (identifier) @local)
(parameter_list name: (identifier) @local)
(implicit_parameter) @local
(type_parameter name: (identifier) @type_parameter)
(variable_declaration (variable_declarator name: (identifier) @local))
(foreach_statement left: (identifier) @local)
(catch_declaration name: (identifier) @local)
(declaration_pattern name: (identifier) @local)
(recursive_pattern name: (identifier) @local)
(declaration_expression name: (identifier) @local)
(initializer_expression (assignment_expression left: (identifier) @skip))
