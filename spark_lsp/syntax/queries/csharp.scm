; scopes.py says what the captures mean.
(method_declaration) @scope
(constructor_declaration) @scope
(destructor_declaration) @scope
(operator_declaration) @scope
(conversion_operator_declaration) @scope
(indexer_declaration) @scope
(property_declaration) @scope
(event_declaration) @scope
(local_function_statement) @scope
(class_declaration) @scope
(struct_declaration) @scope
(interface_declaration) @scope
(enum_declaration) @scope
(record_declaration) @scope
(delegate_declaration) @scope
