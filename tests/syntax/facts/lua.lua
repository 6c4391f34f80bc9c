local json = require("json")
local util = require "project.util"
local format = require('project.text').format
require("side.effect")

-- The module.
local M = {}

M.LIMIT = 10
M.options = { name = "x", run = function(a) return helper(a) end }
DEFAULT = 3
local small = 1

--- Makes one.
-- @param name the name
function M.new(name, ...)
  local self = setmetatable({}, { __index = M })
  self.items = util.list(name, M.LIMIT)
  for key, value in pairs(self.items) do
    print(key, value.name, json.encode(value))
  end
  return self
end

function M:sell(item)
  self.stock:take(item)
  return self:check { item } or format "%d"
end

M.close = function(x) end

local function helper(ü) return ü + DEFAULT end

function global() end

return M
