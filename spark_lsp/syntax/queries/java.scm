; scopes.py says what the captures mean.
(method_declaration) @scope
(constructor_declaration) @scope
(compact_constructor_declaration) @scope
(static_initializer) @scope
(class_declaration) @scope
(interface_declaration) @scope
(enum_declaration) @scope
(record_declaration) @scope
(annotation_type_declaration) @scope
