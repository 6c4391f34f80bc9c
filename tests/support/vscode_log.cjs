// Takes the place of @vscode/spdlog, which needs a compiler: writes VS Code's logs, and does not rotate them.
const { appendFileSync } = require('node:fs');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  constructor(_type, _name, file) {
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
module.exports = {
  version: 0,
  Logger,
  createRotatingLogger: create,
  createAsyncRotatingLogger: create,
  setLevel() {},
  setFlushOn() {},
};
