; fact_captures.py says what the captures mean.
(line_comment) @comment
(block_comment) @comment
(attribute_item) @annotation
(use_declaration) @import
(extern_crate_declaration) @import
(mod_item name: (_) !body) @import

(function_item name: (_) @name body: (_) @body) @function
(function_signature_item name: (_) @name) @function
(struct_item name: (_) @name body: (field_declaration_list) @body) @class
(struct_item name: (_) @name) @class
(union_item name: (_) @name body: (_) @body) @class
(enum_item name: (_) @name body: (_) @body) @enum
(enum_variant name: (_) @name) @member
(trait_item name: (_) @name body: (_) @body) @interface
(impl_item trait: (_) type: [
  (type_identifier) @name
  (generic_type type: [(type_identifier) @name (scoped_type_identifier name: (type_identifier) @name)])
  (scoped_type_identifier name: (type_identifier) @name)
  (reference_type type: (type_identifier) @name)
] body: (_) @body) @class
(impl_item !trait type: [
  (type_identifier) @name
  (generic_type type: [(type_identifier) @name (scoped_type_identifier name: (type_identifier) @name)])
  (scoped_type_identifier name: (type_identifier) @name)
] body: (_) @body) @container
(mod_item name: (_) @name body: (_) @body) @module
(type_item name: (_) @name) @type
(associated_type name: (_) @name) @type
(const_item name: (_) @name) @constant
(static_item name: (_) @name) @variable
(macro_definition name: (_) @name) @function
(field_declaration name: (field_identifier) @name) @field
(visibility_modifier) @modifier

(trait_item bounds: (trait_bounds [
  (type_identifier) @base
  (scoped_type_identifier name: (type_identifier) @base)
  (generic_type type: [(type_identifier) @base (scoped_type_identifier name: (type_identifier) @base)])
]))
(impl_item trait: [
  (type_identifier) @base
  (scoped_type_identifier name: (type_identifier) @base)
  (generic_type type: [(type_identifier) @base (scoped_type_identifier name: (type_identifier) @base)])
])

(closure_expression) @scope
(identifier) @reference
(type_identifier) @type_name
(field_expression field: (field_identifier) @reference)
(call_expression function: [
  (identifier) @call
  (scoped_identifier name: (identifier) @call)
  (field_expression field: (field_identifier) @call)
  (generic_function function: [
    (identifier) @call
    (scoped_identifier name: (identifier) @call)
    (field_expression field: (field_identifier) @call)
  ])
])
(macro_invocation macro: [(identifier) @call (scoped_identifier name: (identifier) @call)])
(token_tree (identifier) @call . (token_tree))
(struct_expression name: [(type_identifier) @call (scoped_type_identifier name: (type_identifier) @call)])
(lifetime (identifier) @skip)
(fragment_specifier) @skip
(field_initializer field: (field_identifier) @skip)
(parameter pattern: [
  (identifier) @local
  (_ (identifier) @local)
])
(closure_parameters [(identifier) @local (_ (identifier) @local)])
(type_parameter name: (type_identifier) @type_parameter)
(const_parameter name: (identifier) @local)
(let_declaration pattern: [
  (identifier) @local
  (tuple_pattern (identifier) @local)
  (mut_pattern (identifier) @local)
  (ref_pattern (identifier) @local)
])
(for_expression pattern: [(identifier) @local (tuple_pattern (identifier) @local)])
(tuple_struct_pattern type: (_) (identifier) @local (#not-component? @local))
(match_pattern (identifier) @local (#not-component? @local))
(captured_pattern . (identifier) @local)
(shorthand_field_identifier) @local
