; scopes.py says what the captures mean.
(class_specifier body: (_)) @scope
(concept_definition) @scope
(template_declaration) @scope @wrapper
