// Checks that Lua files are formatted as StyLua does it by stylua.toml; with --write, formats them.
// StyLua comes as WebAssembly, which reads neither files nor options by itself.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Config, formatCode, IndentType, LineEndings, OutputVerification, QuoteStyle } from '@johnnymorganz/stylua'

const plugin = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const folders = [...['lsp', 'lua', 'plugin', 'types'].map((name) => join(plugin, name)), resolve(plugin, '../../tests/neovim')]

/** The options of stylua.toml, as StyLua's interface spells them. */
function options() {
  const config = Config.new()
  const setters = {
    column_width: (value) => (config.column_width = Number(value)),
    line_endings: (value) => (config.line_endings = LineEndings[value]),
    indent_type: (value) => (config.indent_type = IndentType[value]),
    indent_width: (value) => (config.indent_width = Number(value)),
    quote_style: (value) => (config.quote_style = QuoteStyle[value]),
    call_parentheses: () => {}, // "Always" is the default
  }
  for (const line of readFileSync(join(plugin, 'stylua.toml'), 'utf8').split('\n').filter(Boolean)) {
    const [, name, value] = /^(\w+) = "?(.*?)"?$/.exec(line)
    setters[name](value)
  }
  return config
}

const write = process.argv.includes('--write')
let unformatted = 0
for (const folder of folders) {
  for (const name of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.lua'))) {
    const path = join(folder, name)
    const before = readFileSync(path, 'utf8')
    const after = formatCode(before, options(), undefined, OutputVerification.Full)
    if (after === before) continue
    unformatted += 1
    if (write) writeFileSync(path, after)
    console.log(`${write ? 'formatted' : 'not formatted'}: ${relative(process.cwd(), path)}`)
  }
}
if (unformatted && !write) {
  console.log('Format them by: npm run format')
  process.exitCode = 1
}
