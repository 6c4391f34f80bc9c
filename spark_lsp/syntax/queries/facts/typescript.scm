; Only in TypeScript and TSX.
(ambient_declaration) @exporter
(abstract_class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(type_alias_declaration name: (_) @name) @type
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_body [name: (property_identifier) @name (enum_assignment name: (property_identifier) @name)]) @member
(internal_module name: (_) @name body: (_) @body) @module
(module name: (_) @name body: (_) @body) @module
(function_signature name: (_) @name) @function
(method_signature name: (_) @name) @method
(abstract_method_signature name: (_) @name) @method
(property_signature name: (_) @name) @field
(public_field_definition name: (_) @name value: (arrow_function body: (_) @body)) @method
(public_field_definition name: (_) @name) @field
(required_parameter (accessibility_modifier) pattern: (identifier) @name) @attribute
(optional_parameter (accessibility_modifier) pattern: (identifier) @name) @attribute
(accessibility_modifier) @modifier

(extends_clause value: [(identifier) @base (member_expression property: (property_identifier) @base)])
(extends_clause value: (call_expression arguments: (arguments (identifier) @base)))
(implements_clause [
  (type_identifier) @base
  (nested_type_identifier name: (type_identifier) @base)
  (generic_type name: [(type_identifier) @base (nested_type_identifier name: (type_identifier) @base)])
])
(extends_type_clause type: [
  (type_identifier) @base
  (nested_type_identifier name: (type_identifier) @base)
  (generic_type name: [(type_identifier) @base (nested_type_identifier name: (type_identifier) @base)])
])
(type_identifier) @type_name
(type_query) @type_region
(decorator [(identifier) @call (call_expression function: (identifier) @call)])
(required_parameter pattern: (identifier) @local)
(optional_parameter pattern: (identifier) @local)
(type_parameter name: (type_identifier) @type_parameter)
(mapped_type_clause name: (type_identifier) @type_parameter)
(infer_type . (type_identifier) @type_parameter)
(type_predicate name: (identifier) @skip)
(index_signature name: (identifier) @skip)
