; fact_captures.py says what the captures mean.
(comment) @comment
((call !receiver method: (identifier) @_require arguments: (argument_list)) @import
  (#text-is? @_require "require" "require_relative" "load" "autoload"))
(body_statement (identifier) @section (#text-is? @section "private" "protected" "public"))

(module name: [(constant) (scope_resolution)] @name body: (_) @body) @module
(module name: [(constant) (scope_resolution)] @name) @module
(class name: [(constant) (scope_resolution)] @name body: (_) @body) @class
(class name: [(constant) (scope_resolution)] @name) @class
(method name: (_) @name body: (_) @body) @function
(method name: (_) @name) @function
(singleton_method object: (constant) @receiver name: (_) @name body: (_)? @body) @function
(singleton_method object: (self) name: (_) @name body: (_) @body) @function
(singleton_method object: (self) name: (_) @name) @function
(assignment left: (constant) @name) @constant
(assignment left: (global_variable) @name) @variable
(assignment left: [(instance_variable) (class_variable)] @name) @attribute
((call !receiver method: (identifier) @_attribute arguments: (argument_list (simple_symbol) @name)) @attribute
  (#text-is? @_attribute "attr_reader" "attr_writer" "attr_accessor"))

(superclass [(constant) @base (scope_resolution name: (constant) @base)])
((call !receiver method: (identifier) @_include arguments: (argument_list [
  (constant) @base
  (scope_resolution name: (constant) @base)
])) (#text-is? @_include "include" "extend" "prepend"))

(block) @scope
(do_block) @scope
(lambda) @scope
(identifier) @reference
(constant) @reference
(call method: [(identifier) (constant)] @call)
(method_parameters [(identifier) @local (_ name: (identifier) @local) (_ . (identifier) @local)])
(block_parameters [(identifier) @local (_ name: (identifier) @local) (_ (identifier) @local)])
(lambda_parameters [(identifier) @local (_ name: (identifier) @local)])
(assignment left: [(identifier) @local (left_assignment_list (identifier) @local)])
(operator_assignment left: (identifier) @local)
(exception_variable (identifier) @local)
(for pattern: (identifier) @local)
