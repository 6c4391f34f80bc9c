; Components: names with a capital letter, and what is in an object.
((jsx_opening_element name: (identifier) @call) (#component? @call))
((jsx_self_closing_element name: (identifier) @call) (#component? @call))
((jsx_opening_element name: (identifier) @skip) (#not-component? @skip))
((jsx_self_closing_element name: (identifier) @skip) (#not-component? @skip))
(jsx_closing_element name: [(identifier) @skip (member_expression (_) @skip)])
(jsx_opening_element name: (member_expression property: (property_identifier) @call))
(jsx_self_closing_element name: (member_expression property: (property_identifier) @call))
