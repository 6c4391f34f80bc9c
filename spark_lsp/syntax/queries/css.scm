; scopes.py says what the captures mean.
(rule_set) @scope
(media_statement) @scope
(supports_statement) @scope
(keyframes_statement) @scope
(keyframe_block) @scope
(at_rule) @scope
