; scopes.py says what the captures mean.
; C and C++.
(function_definition) @scope
(struct_specifier body: (_)) @scope
(union_specifier body: (_)) @scope
(enum_specifier body: (_)) @scope
(preproc_function_def) @scope
(type_definition) @scope @wrapper
