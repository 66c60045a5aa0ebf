/**
 * The device report as rows for the page: every field of every group, in a fixed order, with `null` kept
 * as null (the view says "unknown"). Fields that this page has no name for are shown under their own.
 */

/** @typedef {{key: string, path: string, value: unknown}} Row */
/** @typedef {{group: string, rows: Row[]}} Group */

/** Where each top-level field of the report goes; what is not named here becomes a group of its own. */
const GROUPS = /** @type {const} */ ([
  ['browser', ['browser', 'formFactor', 'secure', 'isolated']],
  ['hardware', ['cores', 'memoryGiB', 'memoryClass']],
  ['gpu', ['webgpu', 'adapter', 'gpu']],
  ['wasm', ['wasm']],
  ['storage', ['storage']],
  ['connection', ['connection']],
  ['builtinAI', ['builtinAI']],
]);

/**
 * Flattens one field: objects become one row per leaf, lists and plain values one row.
 * @param {string} path
 * @param {unknown} value
 * @returns {Row[]}
 */
function rowsOf(path, value) {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, inner]) => rowsOf(`${path}.${key}`, inner));
  }
  return [{ key: /** @type {string} */ (path.split('.').at(-1)), path, value: value === undefined ? null : value }];
}

/**
 * @param {Record<string, unknown>} report `client.device()`
 * @returns {Group[]} groups that have rows, `means` left out
 */
export function groupsOf(report) {
  const left = new Map(Object.entries(report).filter(([key]) => key !== 'means'));
  /** @type {Group[]} */
  const groups = [];
  for (const [group, fields] of GROUPS) {
    /** @type {Row[]} */
    const rows = [];
    for (const field of fields) {
      if (left.has(field)) rows.push(...rowsOf(field, left.get(field)));
      left.delete(field);
    }
    if (rows.length) groups.push({ group, rows });
  }
  const rest = [...left].flatMap(([key, value]) => rowsOf(key, value));
  if (rest.length) groups.push({ group: 'other', rows: rest });
  return groups;
}

/**
 * What the report means for the visitor, first things first: limits, then the unknown, then the rest.
 * @param {Record<string, unknown>} report
 * @returns {import('./types.js').Meaning[]}
 */
export function meaningsOf(report) {
  const order = ['limit', 'unknown', 'ok', 'good'];
  const means = Array.isArray(report.means) ? /** @type {import('./types.js').Meaning[]} */ ([...report.means]) : [];
  return means.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}
