; scopes.py says what the captures mean.
(method) @scope
(singleton_method) @scope
(class) @scope
(singleton_class) @scope
(module) @scope
(call block: [(do_block) (block)]) @block
