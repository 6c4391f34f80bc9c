// Writes the settings into package.json, from the server's own schema in docs/settings.schema.json.
// With --check it changes nothing and fails if they are not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const SCHEMA = new URL('../../../docs/settings.schema.json', import.meta.url);
const PACKAGE = new URL('../package.json', import.meta.url);

// What a workspace must not decide: where the code goes, what it may cost, what is kept and what is held back.
const FOR_THE_MACHINE = [
  'endpoint',
  'endpoints',
  'fallback',
  'routes',
  'limits',
  'ledger',
  'log',
  'privacy.redactSecrets',
];

const OF_THE_EXTENSION = {
  'spark.path': {
    type: 'array',
    items: { type: 'string' },
    default: [],
    scope: 'machine',
    markdownDescription:
      'The program of the language server and its arguments, such as `["/opt/spark/bin/spark-lsp"]` or `["uv", "run", "--project", "/home/me/spark", "spark-lsp"]`: an absolute path, or a name on the `PATH`. Empty: it is looked for in the workspace\'s environment, on the `PATH`, and where `uv tool` and `pipx` install programs.',
  },
  'spark.trace.server': {
    type: 'string',
    enum: ['off', 'messages', 'verbose'],
    default: 'off',
    scope: 'window',
    description:
      'What is logged of the messages to and from the server while the level of the log "spark-lsp" is Trace. Messages hold your code.',
  },
};

/** Settings under a key of the schema: one for each value, and one for a table whose keys are the user's own. */
function settings(key, schema) {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, inner]) => settings(key ? `${key}.${name}` : name, inner));
  }
  const scope = FOR_THE_MACHINE.some((one) => key === one || key.startsWith(`${one}.`)) ? 'machine' : 'window';
  return [[`spark.${key}`, { ...forVsCode(schema), scope }]];
}

/** Null stands for the default in every schema; in VS Code one takes the setting out. It stays where it is the default. */
function forVsCode(schema) {
  const { type, enum: values, ...rest } = schema;
  const keepsNull = schema.default === null;
  const types = Array.isArray(type) ? type.filter((one) => one !== 'null' || keepsNull) : type;
  return {
    ...(type === undefined ? {} : { type: Array.isArray(types) && types.length === 1 ? types[0] : types }),
    ...(values === undefined ? {} : { type: 'string', enum: values.filter((one) => one !== null || keepsNull) }),
    ...rest,
  };
}

const text = readFileSync(PACKAGE, 'utf8');
const manifest = JSON.parse(text);
const generated = Object.fromEntries(
  [...settings('', JSON.parse(readFileSync(SCHEMA, 'utf8'))), ...Object.entries(OF_THE_EXTENSION)].map(
    ([name, setting], order) => [name, { ...setting, order }],
  ),
);
manifest.contributes.configuration = { title: 'Spark', properties: generated };
manifest.capabilities.untrustedWorkspaces.restrictedConfigurations = Object.keys(generated);
const options = await resolveConfig(PACKAGE);
const wanted = await format(JSON.stringify(manifest), { ...options, parser: 'json-stringify' });

if (text === wanted) {
  process.exit(0);
}
if (process.argv.includes('--check')) {
  console.error('The settings in package.json are not those of docs/settings.schema.json: run "npm run settings".');
  process.exit(1);
}
writeFileSync(PACKAGE, wanted);
