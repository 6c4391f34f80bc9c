; Only in JavaScript and JSX.
(class_heritage [(identifier) @base (member_expression property: (property_identifier) @base)])
(class_heritage (call_expression arguments: (arguments [(identifier) @base (member_expression property: (property_identifier) @base)])))
(field_definition property: (_) @name value: (arrow_function body: (_) @body)) @method
(field_definition property: (_) @name) @field
(formal_parameters (identifier) @local)
