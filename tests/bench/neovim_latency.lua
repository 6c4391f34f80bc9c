-- Measures in a Neovim how long a key takes to bring text onto the screen: from the moment at which the editor takes
-- the key to the end of the drawing after which the text is there.

Latency = {}

local pressed
local pattern
local known
local seconds

vim.on_key(function()
  pressed = vim.uv.hrtime()
end)

--- Await, from the next key on, that the cursor's row on the screen matches with something else than what is known: in
--- the first drawing after a key, what was shown before may still be there.
function Latency.await(awaited, known_before)
  pattern, known, seconds, pressed = awaited, known_before, nil, nil
end

--- The seconds that it took, once it has come.
function Latency.seconds()
  return seconds
end

--- The cursor's row as it is drawn.
function Latency.row()
  local cells = {}
  for column = 1, vim.o.columns do
    cells[column] = vim.fn.screenstring(vim.fn.screenrow(), column)
  end
  return table.concat(cells)
end

vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('latency'), {
  on_end = function()
    if pattern and pressed and not seconds then
      local found = Latency.row():match(pattern)
      if found and found ~= known then
        seconds = (vim.uv.hrtime() - pressed) / 1e9
      end
    end
  end,
})

--- A server inside the editor that has an answer at once: what is left is the editor's own time.
--- @return fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient
function Latency.trivial_server()
  local count, closing = 0, false
  local function suggestion()
    local typed = vim.api.nvim_get_current_line():match('= ?(%l+)$') or ''
    if typed == '' then
      count = count + 1
    end
    return ('resolve_%d(items)'):format(count):sub(#typed + 1)
  end
  return function(dispatchers)
    local function finish()
      if not closing then
        closing = true
        dispatchers.on_exit(0, 0)
      end
    end
    return {
      request = function(method, params, callback)
        if method == 'initialize' then
          callback(nil, { capabilities = { inlineCompletionProvider = true, textDocumentSync = 2 } })
        elseif method == 'textDocument/inlineCompletion' then
          local range = { start = params.position, ['end'] = params.position }
          callback(nil, { items = { { insertText = suggestion(), range = range } } })
        else
          callback(nil, vim.NIL)
        end
        return true, 1
      end,
      notify = function(method)
        if method == 'exit' then
          finish()
        end
        return true
      end,
      is_closing = function()
        return closing
      end,
      terminate = finish,
    }
  end
end
