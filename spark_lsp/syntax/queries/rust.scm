; scopes.py says what the captures mean.
(function_item) @scope
(function_signature_item) @scope
(struct_item) @scope
(enum_item) @scope
(union_item) @scope
(trait_item) @scope
(impl_item) @scope
(macro_definition) @scope
