; fact_captures.py says what the captures mean.
(comment) @comment
(decorated_definition) @wrapper
(function_definition name: (identifier) @name body: (_) @body) @function
(class_definition name: (identifier) @name body: (_) @body) @class
(block . (expression_statement . (string) @doc))
(lambda) @scope
(type_alias_statement left: (type [(identifier) @name (generic_type . (identifier) @name)])) @type
(assignment left: [
  (identifier) @name
  (pattern_list (identifier) @name)
  (tuple_pattern (identifier) @name)
]) @variable
(assignment left: (attribute object: (identifier) @self attribute: (identifier) @name) (#text-is? @self "self" "cls")) @attribute
(assignment left: (identifier) @_all right: (_) @export_list (#text-is? @_all "__all__"))
(augmented_assignment left: (identifier) @_all right: (_) @export_list (#text-is? @_all "__all__"))

(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import

(class_definition superclasses: (argument_list [
  (identifier) @base
  (attribute attribute: (identifier) @base)
  (subscript value: [(identifier) @base (attribute attribute: (identifier) @base)])
]))
(type) @type_region
(type (string (string_content) @quoted_type))

(identifier) @reference
(call function: [(identifier) @call (attribute attribute: (identifier) @call)])
(decorator [(identifier) @call (attribute attribute: (identifier) @call)])
(keyword_argument name: (identifier) @skip)
(keyword_pattern . (identifier) @skip)
(parameters (identifier) @local)
(parameters (typed_parameter . [(identifier) @local (_ (identifier) @local)]))
(parameters (_ name: (identifier) @local))
(parameters (_ . (identifier) @local))
(lambda_parameters [(identifier) @local (_ name: (identifier) @local) (_ . (identifier) @local)])
(for_statement left: [(identifier) @local (_ (identifier) @local)])
(for_in_clause left: [(identifier) @local (_ (identifier) @local)])
(as_pattern_target (identifier) @local)
(named_expression name: (identifier) @local)
(global_statement (identifier) @skip)
(nonlocal_statement (identifier) @skip)
(type_alias_statement left: (type (generic_type (type_parameter (type (identifier) @type_parameter)))))
(function_definition type_parameters: (type_parameter (type (identifier) @type_parameter)))
(class_definition type_parameters: (type_parameter (type (identifier) @type_parameter)))
