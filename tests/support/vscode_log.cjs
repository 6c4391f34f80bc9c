// Takes the place of @vscode/spdlog, which needs a compiler: writes VS Code's logs, and does not rotate them.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  constructor(_type, _name, file) {
    mkdirSync(dirname(file), { recursive: true });
    this.file = file;
    this.level = 2;
    this.plain = false;
    LEVELS.forEach((name, level) => {
      this[name] = (message) => {
        if (level < this.level) return;
        const head = this.plain ? '' : `${new Date().toISOString()} [${name}] `;
        appendFileSync(this.file, `${head}${message}${this.plain ? '' : '\n'}`);
      };
    });
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  clearFormatters() {
    this.plain = true;
  }
  setPattern() {}
  flush() {}
  drop() {}
}

const create = async (name, file) => new Logger('', name, file);

// One by one: an import of these names finds no others.
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
