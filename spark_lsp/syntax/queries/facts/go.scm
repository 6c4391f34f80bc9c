; fact_captures.py says what the captures mean.
(comment) @comment
(package_clause (package_identifier) @package)
(import_declaration) @import

(type_declaration) @statement
(const_declaration) @statement
(var_declaration) @statement
(function_declaration name: (identifier) @name body: (_) @body) @function
(function_declaration name: (identifier) @name) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @receiver
    (pointer_type (type_identifier) @receiver)
    (generic_type type: (type_identifier) @receiver)
    (pointer_type (generic_type type: (type_identifier) @receiver))
  ]))
  name: (field_identifier) @name body: (_)? @body) @method
(type_spec name: (type_identifier) @name type: (struct_type (field_declaration_list) @body)) @class
(type_spec name: (type_identifier) @name type: (interface_type "{" @body)) @interface
(type_spec name: (type_identifier) @name) @type
(type_alias name: (type_identifier) @name) @type
(method_elem name: (field_identifier) @name) @method
(field_declaration name: (field_identifier) @name) @field
(const_spec name: (identifier) @name) @constant
(var_spec name: (identifier) @name) @variable

(field_declaration !name type: [
  (type_identifier) @base
  (qualified_type name: (type_identifier) @base)
  (generic_type type: [(type_identifier) @base (qualified_type name: (type_identifier) @base)])
  (pointer_type [(type_identifier) @base (qualified_type name: (type_identifier) @base)])
])
(interface_type (type_elem . [(type_identifier) @base (qualified_type name: (type_identifier) @base)] .))

(func_literal) @scope
(identifier) @reference
(type_identifier) @type_name
(selector_expression field: (field_identifier) @reference)
(call_expression function: [
  (identifier) @call
  (selector_expression field: (field_identifier) @call)
])
(type_instantiation_expression type: (_) @type_region)
(keyed_element . (literal_element (identifier) @skip))
(parameter_declaration name: (identifier) @local)
(variadic_parameter_declaration name: (identifier) @local)
(type_parameter_declaration name: (identifier) @type_parameter)
(method_declaration receiver: (parameter_list (parameter_declaration type: [
  (generic_type type_arguments: (type_arguments (type_elem (type_identifier) @type_parameter)))
  (pointer_type (generic_type type_arguments: (type_arguments (type_elem (type_identifier) @type_parameter))))
])))
(short_var_declaration left: (expression_list (identifier) @local))
(range_clause left: (expression_list (identifier) @local))
(type_switch_statement alias: (expression_list (identifier) @local))
(label_name) @skip
