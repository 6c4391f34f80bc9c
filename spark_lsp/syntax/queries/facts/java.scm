; fact_captures.py says what the captures mean.
(line_comment) @comment
(block_comment) @comment
(package_declaration [(identifier) (scoped_identifier)] @package)
(import_declaration) @import
(modifiers ["public" "private" "protected"] @modifier)

(class_declaration name: (_) @name body: (_) @body) @class
(record_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(annotation_type_declaration name: (_) @name body: (_) @body) @interface
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_constant name: (_) @name) @member
(method_declaration name: (_) @name body: (_) @body) @method
(method_declaration name: (_) @name) @method
(annotation_type_element_declaration name: (_) @name) @method
(constructor_declaration name: (_) @name body: (_) @body) @method
(compact_constructor_declaration name: (_) @name body: (_) @body) @method
(field_declaration (modifiers "static" "final") declarator: (variable_declarator name: (identifier) @name)) @constant
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @constant
(record_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @name) @field))

(superclass [
  (type_identifier) @base
  (scoped_type_identifier (type_identifier) @base .)
  (generic_type . [(type_identifier) @base (scoped_type_identifier (type_identifier) @base .)])
])
(super_interfaces (type_list [
  (type_identifier) @base
  (scoped_type_identifier (type_identifier) @base .)
  (generic_type . [(type_identifier) @base (scoped_type_identifier (type_identifier) @base .)])
]))
(extends_interfaces (type_list [
  (type_identifier) @base
  (scoped_type_identifier (type_identifier) @base .)
  (generic_type . [(type_identifier) @base (scoped_type_identifier (type_identifier) @base .)])
]))

(lambda_expression) @scope
(identifier) @reference
(type_identifier) @type_name
(method_invocation name: (identifier) @call)
(object_creation_expression type: [
  (type_identifier) @call
  (scoped_type_identifier (type_identifier) @call .)
  (generic_type . [(type_identifier) @call (scoped_type_identifier (type_identifier) @call .)])
])
(method_reference (identifier) @call .)
(marker_annotation name: [(identifier) @call (scoped_identifier name: (identifier) @call)])
(annotation name: [(identifier) @call (scoped_identifier name: (identifier) @call)])
(element_value_pair key: (identifier) @skip)
(formal_parameter name: (identifier) @local)
(spread_parameter (variable_declarator name: (identifier) @local))
(type_parameter . (type_identifier) @type_parameter)
(local_variable_declaration declarator: (variable_declarator name: (identifier) @local))
(enhanced_for_statement name: (identifier) @local)
(catch_formal_parameter name: (identifier) @local)
(instanceof_expression name: (identifier) @local)
(resource name: (identifier) @local)
(lambda_expression parameters: [(identifier) @local (inferred_parameters (identifier) @local)])
(record_pattern_component (identifier) @local)
(type_pattern (identifier) @local)
(labeled_statement . (identifier) @skip)
(break_statement (identifier) @skip)
(continue_statement (identifier) @skip)
