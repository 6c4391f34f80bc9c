; scopes.py says what the captures mean.
[(element) (script_element) (style_element)] @block @item
