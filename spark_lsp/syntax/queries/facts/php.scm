; fact_captures.py says what the captures mean.
(comment) @comment
(namespace_definition name: (namespace_name) @package)
(namespace_use_declaration) @import
(require_expression) @import
(require_once_expression) @import
(include_expression) @import
(include_once_expression) @import
(visibility_modifier) @modifier

(class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @interface
(trait_declaration name: (_) @name body: (_) @body) @interface
(enum_declaration name: (_) @name body: (_) @body) @enum
(enum_case name: (_) @name) @member
(function_definition name: (_) @name body: (_) @body) @function
(method_declaration name: (_) @name body: (_) @body) @method
(method_declaration name: (_) @name) @method
(const_declaration (const_element . (name) @name)) @constant
((function_call_expression function: (name) @_define
  arguments: (arguments . (argument (string (string_content) @name)))) @constant (#text-is? @_define "define"))
(property_declaration (property_element name: (variable_name (name) @name))) @field
(property_promotion_parameter name: (variable_name (name) @name)) @attribute

(base_clause [(name) @base (qualified_name (name) @base .)])
(class_interface_clause [(name) @base (qualified_name (name) @base .)])
(use_declaration [(name) @base (qualified_name (name) @base .)])

(anonymous_function) @scope
(arrow_function) @scope
(name) @reference
(named_type [(name) @type_name (qualified_name (name) @type_name .)])
(catch_clause type: (type_list) @type_region)
(function_call_expression function: [(name) @call (qualified_name (name) @call .)])
(member_call_expression name: (name) @call)
(nullsafe_member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression [(name) @call (qualified_name (name) @call .)])
(attribute [(name) @call (qualified_name (name) @call .)])
(variable_name (name) @skip)
(argument name: (name) @skip)
(namespace_name (name) @skip)
