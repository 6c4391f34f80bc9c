; fact_captures.py says what the captures mean. What C and C++ have in common.
(comment) @comment
(preproc_include) @import
(storage_class_specifier) @modifier
(type_definition) @wrapper

(function_definition declarator: [
  (function_declarator declarator: (identifier) @name)
  (_ (function_declarator declarator: (identifier) @name))
  (_ (_ (function_declarator declarator: (identifier) @name)))
] body: (_) @body) @function
(declaration declarator: [
  (function_declarator declarator: (identifier) @name)
  (_ (function_declarator declarator: (identifier) @name))
  (_ (_ (function_declarator declarator: (identifier) @name)))
]) @function
(declaration declarator: [
  (identifier) @name
  (init_declarator declarator: [
    (identifier) @name
    (_ declarator: (identifier) @name)
    (_ declarator: (_ declarator: (identifier) @name))
  ])
  (pointer_declarator declarator: [(identifier) @name (_ declarator: (identifier) @name)])
  (array_declarator declarator: (identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (_ declarator: (identifier) @name)))
]) @variable
(preproc_def name: (identifier) @name value: (_)) @constant
(preproc_function_def name: (identifier) @name value: (_) @body) @function
(struct_specifier name: (type_identifier) @name body: (_) @body) @class
(union_specifier name: (type_identifier) @name body: (_) @body) @class
(enum_specifier name: (type_identifier) @name body: (_) @body) @enum
(enumerator name: (identifier) @name) @member
(type_definition type: [
  (struct_specifier !name body: (_) @body)
  (union_specifier !name body: (_) @body)
] declarator: (type_identifier) @name) @class
(type_definition type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @enum
(type_definition type: [
  (struct_specifier name: (_))
  (union_specifier name: (_))
  (enum_specifier name: (_))
] declarator: [(type_identifier) @name (_ declarator: (type_identifier) @name)] @type)
(type_definition declarator: [
  (type_identifier) @name
  (_ declarator: (type_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (_ declarator: (type_identifier) @name)))
]) @type
(field_declaration declarator: [
  (field_identifier) @name
  (pointer_declarator declarator: [
    (field_identifier) @name
    (pointer_declarator declarator: (field_identifier) @name)
    (array_declarator declarator: (field_identifier) @name)
  ])
  (array_declarator declarator: [(field_identifier) @name (_ declarator: (field_identifier) @name)])
  (function_declarator declarator: (parenthesized_declarator (_ declarator: (field_identifier) @name)))
]) @field

(identifier) @reference
(type_identifier) @type_name
(field_expression field: (field_identifier) @reference)
(call_expression function: [
  (identifier) @call
  (field_expression field: (field_identifier) @call)
])
(parameter_declaration declarator: [
  (identifier) @local
  (_ declarator: (identifier) @local)
  (_ declarator: (_ declarator: (identifier) @local))
  (function_declarator declarator: (parenthesized_declarator (_ declarator: (identifier) @local)))
])
(preproc_params (identifier) @local)
(labeled_statement label: (_) @skip)
(goto_statement label: (_) @skip)
