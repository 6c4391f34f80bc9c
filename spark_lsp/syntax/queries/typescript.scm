; scopes.py says what the captures mean.
(abstract_class_declaration) @scope
(interface_declaration) @scope
(enum_declaration) @scope
(type_alias_declaration) @scope
(function_signature) @scope
(public_field_definition value: [(arrow_function) (function_expression)]) @scope
(ambient_declaration) @scope @wrapper
