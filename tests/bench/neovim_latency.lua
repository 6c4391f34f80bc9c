-- Measures in a Neovim how long a key takes to bring text onto the screen: from the moment at which the editor takes
-- the key to the end of the drawing after which the text is there.

Latency = {}

local pressed
local pattern
local seconds

vim.on_key(function()
  pressed = vim.uv.hrtime()
end)

--- Await a row of the screen that matches, from the next key on.
function Latency.await(awaited)
  pattern, seconds, pressed = awaited, nil, nil
end

--- The seconds that it took, once it has come.
function Latency.seconds()
  return seconds
end

local function row_of_cursor()
  local cells = {}
  for column = 1, vim.o.columns do
    cells[column] = vim.fn.screenstring(vim.fn.screenrow(), column)
  end
  return table.concat(cells)
end

vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('latency'), {
  on_end = function()
    if pattern and pressed and not seconds and row_of_cursor():find(pattern) then
      seconds = (vim.uv.hrtime() - pressed) / 1e9
    end
  end,
})

--- A server inside the editor that has an answer at once: what is left is the editor's own time.
--- @return fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient
function Latency.trivial_server()
  local count, closing = 0, false
  local function suggestion()
    local typed = vim.api.nvim_get_current_line():match('= (%l+)$') or ''
    if typed == '' then
      count = count + 1
    end
    return ('resolve_%d(items)'):format(count):sub(#typed + 1)
  end
  return function()
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
      notify = function()
        return true
      end,
      is_closing = function()
        return closing
      end,
      terminate = function()
        closing = true
      end,
    }
  end
end
