/**
 * A call as code, in JavaScript and in Python: what a card is about to do (or has done), to be read, copied and run.
 * Long texts become names above the call; in what is shown they are cut short, in what is copied they are whole.
 */

/**
 * @typedef {object} Call
 * @property {string} method as the client names it: `summarize`, `documents.add`
 * @property {[string, unknown][]} args by position, with their names
 * @property {Record<string, unknown>} [options]
 * @property {boolean} [packed] JavaScript passes the arguments as the fields of one object
 * @property {Record<string, unknown>} [fields] more fields of that object; Python takes them by name
 * @property {[string, unknown]} [of] the call is a method of what `classifiers.get` gives for this [name, id]
 * @property {Record<string, string>} [python] options that have other names in Python
 * @property {string} gives the name of the answer's part that is printed
 */

/** Longer values are named above the call. */
const INLINE = 48;
/** Longer texts are cut short where they are only shown. */
const SHOWN = 320;

/** @param {string} name camelCase @returns {string} snake_case */
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * @typedef {object} Dialect how a language writes values
 * @property {string} comment
 * @property {(value: boolean) => string} bool
 * @property {string} none
 * @property {() => string} sound what stands for a sound: a file, or samples of one channel, 16,000 a second
 * @property {(example: {text: string, label: string}, text: (value: string) => string) => string} example
 */

/** @type {Dialect} */
const JAVASCRIPT = {
  comment: '//',
  bool: String,
  none: 'null',
  sound: () => "document.querySelector('input[type=file]').files[0]",
  example: ({ text, label }, write) => `{ text: ${write(text)}, label: ${write(label)} }`,
};

/** @type {Dialect} */
const PYTHON = {
  comment: '#',
  bool: (value) => (value ? 'True' : 'False'),
  none: 'None',
  sound: () => '__import__("numpy").zeros(16000, "float32")',
  example: ({ text, label }, write) => `(${write(text)}, ${write(label)})`,
};

/**
 * @param {unknown} value text, number, boolean, or a list of texts or examples
 * @param {Dialect} dialect
 * @param {number} shown longest text that is written in full
 * @returns {string} several lines for a list that does not fit one
 */
function literal(value, dialect, shown) {
  let left = 0;
  // JSON's strings are strings of both languages, lone surrogates and line separators included.
  const text = (/** @type {string} */ given) => {
    if (given.length <= shown) return JSON.stringify(given);
    left += given.length - shown;
    return JSON.stringify(`${given.slice(0, shown)}…`);
  };
  const note = () => {
    const said = left ? ` ${dialect.comment} and ${left} characters more` : '';
    left = 0;
    return said;
  };
  if (typeof value === 'string') return text(value) + note();
  if (typeof value === 'boolean') return dialect.bool(value);
  if (value instanceof Blob) return dialect.sound();
  if (!Array.isArray(value)) return value && typeof value === 'object' ? object(value, dialect, '') : String(value);
  const items = value.map((item) => {
    const written = typeof item === 'string' ? text(item) : dialect.example(item, text);
    return { written, said: note() };
  });
  const line = `[${items.map(({ written }) => written).join(', ')}]`;
  if (line.length <= 88 && items.every(({ said }) => !said)) return line;
  return `[\n${items.map(({ written, said }) => `  ${written},${said}`).join('\n')}\n]`;
}

/**
 * An object of plain values, as both languages write it. @param {unknown} value @param {Dialect} dialect @param {string} indent
 * @returns {string} in one line where it is short
 */
function object(value, dialect, indent) {
  if (value === null) return dialect.none;
  if (typeof value === 'boolean') return dialect.bool(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}  `;
  const list = Array.isArray(value);
  const parts = list
    ? value.map((inner) => object(inner, dialect, deeper))
    : Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${object(inner, dialect, deeper)}`);
  const [open, close] = list ? '[]' : '{}';
  const line = `${open}${parts.join(', ')}${close}`;
  if (line.length + indent.length <= 88 && !line.includes('\n')) return line;
  return `${open}\n${parts.map((part) => `${deeper}${part},\n`).join('')}${indent}${close}`;
}

/**
 * The arguments: short ones stand in the call, long ones get a name.
 * @param {Call} call @param {Dialect} dialect @param {number} shown
 */
function written({ args }, dialect, shown) {
  /** @type {{name: string, code: string}[]} */
  const named = [];
  const inline = args.map(([name, value]) => {
    const code = literal(value, dialect, shown);
    if (code.length <= INLINE && !code.includes('\n')) return { name, code };
    named.push({ name: dialect === PYTHON ? snake(name) : name, code });
    return { name, code: dialect === PYTHON ? snake(name) : name };
  });
  return { named, inline };
}

/**
 * @param {Call} call
 * @param {{origin: string, whole?: boolean}} where the site that serves the module
 */
export function inJavaScript(call, { origin, whole = false }) {
  const shown = whole ? Infinity : SHOWN;
  const { named, inline } = written(call, JAVASCRIPT, shown);
  const pairs = (/** @type {Record<string, unknown>} */ values) => Object.entries(values).map(([name, value]) => `${name}: ${literal(value, JAVASCRIPT, shown)}`);
  const options = pairs(call.options ?? {});
  const fields = pairs(call.fields ?? {});
  const given = call.packed
    ? [`{ ${[...inline.map(({ name, code }) => (name === code ? name : `${name}: ${code}`)), ...fields].join(', ')} }`]
    : inline.map(({ code }) => code);
  if (options.length) given.push(`{ ${options.join(', ')} }`);
  const target = call.of ? 'classifier' : 'client';
  return [
    `import { connect } from '${origin}/nearside.js';`,
    '',
    'const client = connect();',
    ...(call.of ? [`const classifier = await client.classifiers.get(${literal(call.of[1], JAVASCRIPT, shown)});`] : []),
    ...named.map(({ name, code }) => declared(`const ${name} = `, code, ';', JAVASCRIPT)),
    `const answer = await ${target}.${call.method}(${given.join(', ')});`,
    call.gives ? `console.log(answer.${call.gives});` : 'console.log(answer);',
  ].join('\n');
}

/**
 * For the page's console, where `nearside` is the client; a comment says how to get one elsewhere.
 * @param {Call} call @param {{whole?: boolean}} [how]
 */
export function inPython(call, { whole = false } = {}) {
  const shown = whole ? Infinity : SHOWN;
  const { named, inline } = written(call, PYTHON, shown);
  const given = inline.map(({ code }) => code);
  for (const [name, value] of Object.entries({ ...call.fields, ...call.options })) given.push(`${call.python?.[name] ?? snake(name)}=${literal(value, PYTHON, shown)}`);
  const target = call.of ? 'classifier' : 'nearside';
  return [
    '# In the console of this page, nearside is the client. Elsewhere: async with connect() as nearside',
    ...(call.of ? [`classifier = await nearside.classifiers.get(${literal(call.of[1], PYTHON, shown)})`] : []),
    ...named.map(({ name, code }) => declared(`${name} = `, code, '', PYTHON)),
    `answer = await ${target}.${snake(call.method)}(${given.join(', ')})`,
    call.gives ? `print(answer.${snake(call.gives)})` : 'print(answer)',
  ].join('\n');
}

/** A statement whose comment, if the value has one, stays behind its end. @param {string} head @param {string} code @param {string} end @param {Dialect} dialect */
function declared(head, code, end, { comment }) {
  const cut = code.includes('\n') ? -1 : code.lastIndexOf(` ${comment} and `);
  return cut < 0 ? `${head}${code}${end}` : `${head}${code.slice(0, cut)}${end}${code.slice(cut)}`;
}
