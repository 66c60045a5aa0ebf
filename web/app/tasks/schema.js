/**
 * The fields that somebody wants to know, one on each line, as a JSON schema: `due: date`. Or a JSON schema as it is.
 * Pure.
 */

/** @typedef {Record<string, any>} Schema */

/** What can stand behind the colon. @type {Record<string, Schema>} */
const KINDS = {
  text: { type: 'string' },
  number: { type: 'number' },
  'whole number': { type: 'integer' },
  'yes or no': { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  email: { type: 'string', format: 'email' },
  link: { type: 'string', format: 'uri' },
};

/** The names of the kinds, for the hint. */
export const KIND_NAMES = Object.keys(KINDS);

/**
 * @param {string} kind as it was typed: `date`, `list of text`, `one of: card, cash`
 * @returns {Schema | null}
 */
function kindOf(kind) {
  const many = /^list of (.+)$/.exec(kind);
  if (many) {
    const items = kindOf(/** @type {string} */ (many[1]));
    return items && { type: 'array', items };
  }
  const few = /^one of:? (.+)$/.exec(kind);
  if (few) {
    const values = /** @type {string} */ (few[1]).split(',').map((value) => value.trim()).filter(Boolean);
    return values.length > 1 ? { enum: [...new Set(values)] } : null;
  }
  return KINDS[kind.toLowerCase()] ?? null;
}

/**
 * @param {string} text
 * @returns {{schema: Schema | null, count: number, badLine: number | null}} `badLine`: the first line that says nothing
 *   that is known, counted from 1
 */
export function schemaOf(text) {
  if (text.trimStart().startsWith('{')) return fromJson(text);
  /** @type {Record<string, Schema>} */
  const properties = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.trim()) continue;
    const [, name = '', kind = 'text'] = /^([^:]*)(?::(.*))?$/.exec(line.trim()) ?? [];
    const made = kindOf(kind.trim() || 'text');
    if (!name.trim() || !made) return { schema: null, count: 0, badLine: index + 1 };
    properties[keyOf(name)] = made;
  }
  const names = Object.keys(properties);
  return { schema: names.length ? { type: 'object', properties, required: names } : null, count: names.length, badLine: null };
}

/** @param {string} text */
function fromJson(text) {
  try {
    const schema = JSON.parse(text);
    const count = Object.keys(schema.properties ?? {}).length;
    return { schema: count ? schema : null, count, badLine: count ? null : 1 };
  } catch (error) {
    if (error instanceof SyntaxError) return { schema: null, count: 0, badLine: 1 };
    throw error;
  }
}

/** A name of several words as one: `invoice number` is `invoice_number`. @param {string} name */
const keyOf = (name) => name.trim().replace(/\s+/g, '_');

/** The name as it is read. @param {string} key */
export const nameOf = (key) => key.replaceAll('_', ' ');

/**
 * What an extraction found, one row for each path in the order of the text of the value.
 * @param {{value: Record<string, any>, fields: Record<string, {method: string, start: number | null, end: number | null, score: number | null}>}} answer
 */
export function foundRows({ value, fields }) {
  return Object.entries(fields).map(([path, source]) => ({ path, value: at(value, path), ...source }));
}

/** The value at a path such as `items[0].price`. @param {any} value @param {string} path */
export function at(value, path) {
  return path.split(/\.|\[(\d+)\]/).filter(Boolean).reduce((inner, key) => inner?.[key], value);
}
