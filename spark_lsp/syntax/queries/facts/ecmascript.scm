; fact_captures.py says what the captures mean. What JavaScript, TypeScript and TSX have in common.
(comment) @comment
(export_statement declaration: (_)) @exporter
(export_statement value: (object)) @exporter

(function_declaration name: (identifier) @name body: (_) @body) @function
(generator_function_declaration name: (identifier) @name body: (_) @body) @function
(class_declaration name: (_) @name body: (_) @body) @class
(method_definition name: (_) @name body: (_) @body) @method
(lexical_declaration (variable_declarator name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)])) @function
(variable_declaration (variable_declarator name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)])) @function
(lexical_declaration (variable_declarator name: (identifier) @name value: (class body: (_) @body))) @class
(lexical_declaration kind: "const" (variable_declarator name: (identifier) @name)) @constant
(lexical_declaration kind: "let" (variable_declarator name: (identifier) @name)) @variable
(variable_declaration (variable_declarator name: (identifier) @name)) @variable
(lexical_declaration kind: "const" (variable_declarator name: [
  (object_pattern [(shorthand_property_identifier_pattern) @name (pair_pattern value: (identifier) @name)])
  (array_pattern (identifier) @name)
])) @constant
(lexical_declaration kind: "let" (variable_declarator name: [
  (object_pattern [(shorthand_property_identifier_pattern) @name (pair_pattern value: (identifier) @name)])
  (array_pattern (identifier) @name)
])) @variable
(variable_declaration (variable_declarator name: [
  (object_pattern [(shorthand_property_identifier_pattern) @name (pair_pattern value: (identifier) @name)])
  (array_pattern (identifier) @name)
])) @variable
(assignment_expression left: (member_expression object: (this) property: (property_identifier) @name)) @attribute
(assignment_expression
  left: (member_expression
    object: (member_expression object: (identifier) @receiver property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: (function_expression body: (_) @body) (#text-is? @_prototype "prototype")) @method
(assignment_expression
  left: (member_expression object: (identifier) @_exports property: (property_identifier) @name)
  right: [(function_expression body: (_) @body) (arrow_function body: (_) @body)] (#text-is? @_exports "exports")) @function
(assignment_expression
  left: (member_expression object: (identifier) @receiver property: (property_identifier) @name)
  right: [(function_expression body: (_) @body) (arrow_function body: (_) @body)]
  (#text-is-not? @receiver "exports" "module" "window" "self")) @method
(pair key: (property_identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @method

(arrow_function) @scope
(function_expression) @scope
(catch_clause) @scope

(import_statement) @import
(export_statement source: (_)) @import
(lexical_declaration (variable_declarator value: [
  (call_expression function: (identifier) @_require)
  (member_expression object: (call_expression function: (identifier) @_require))
  (call_expression function: (call_expression function: (identifier) @_require))
]) (#text-is? @_require "require")) @import
(variable_declaration (variable_declarator value: [
  (call_expression function: (identifier) @_require)
  (member_expression object: (call_expression function: (identifier) @_require))
  (call_expression function: (call_expression function: (identifier) @_require))
]) (#text-is? @_require "require")) @import
(lexical_declaration (variable_declarator value: (await_expression (call_expression function: (import))))) @import
(call_expression function: (identifier) @_require arguments: (arguments . (string)) (#text-is? @_require "require")) @import
(call_expression function: (import) arguments: (arguments . (string))) @import

(export_statement (export_clause (export_specifier name: (identifier) @exports !alias)) !source)
(export_statement (export_clause (export_specifier name: (identifier) alias: (_))) !source) @import
(export_statement value: (identifier) @default)
(export_statement "default" declaration: (_ name: (_) @default))
(assignment_expression
  left: (member_expression object: (identifier) @_module property: (property_identifier) @_exports)
  right: [
    (identifier) @default
    (object [(shorthand_property_identifier) @exports (pair value: (identifier) @exports)])
  ] (#text-is? @_module "module") (#text-is? @_exports "exports"))
(assignment_expression
  left: (member_expression object: (identifier) @_exports)
  right: (identifier) @exports (#text-is? @_exports "exports"))

(assignment_expression
  left: (member_expression object: (identifier) @_exports property: (property_identifier) @exports)
  (#text-is? @_exports "exports"))

(identifier) @reference
(member_expression property: (property_identifier) @reference)
(shorthand_property_identifier) @reference
(call_expression function: [(identifier) @call (member_expression property: (property_identifier) @call)])
(new_expression constructor: [(identifier) @call (member_expression property: (property_identifier) @call)])
(arrow_function parameter: (identifier) @local)
(shorthand_property_identifier_pattern) @local
(pair_pattern value: (identifier) @local)
(rest_pattern (identifier) @local)
(assignment_pattern left: (identifier) @local)
(array_pattern (identifier) @local)
(for_in_statement kind: _ left: [(identifier) @local (_ (identifier) @local)])
(catch_clause parameter: (identifier) @local)
(function_expression name: (identifier) @skip)
(class name: (_) @skip)
