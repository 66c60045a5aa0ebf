/** The best of a row of logits, after the changes that sampling makes to it: see `Best` in `py/nearside/ports/runtime.py`. */

/** @typedef {import('../protocol.js').Best} Best */

/** A half of 16 bits → its number, as a table: 65,536 look-ups cost less than as many conversions. @type {Float32Array|null} */
let halves = null;

/** @returns {Float32Array} */
function halfTable() {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits += 1) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits & 0x8000 ? -1 : 1;
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

/**
 * @param {Uint16Array} bits float16 numbers as their bits
 * @returns {Float32Array}
 */
export function fromHalves(bits) {
  halves ??= halfTable();
  const made = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index += 1) made[index] = halves[bits[index]];
  return made;
}

/**
 * The k best of a row, best first, the lower id first on a tie; fewer where fewer are allowed.
 * @param {Float32Array} row is changed
 * @param {Best} want
 * @returns {{values: Float32Array, ids: BigInt64Array}}
 */
export function best(row, want) {
  const { penalised, penalty, biased, bias, allowed } = want;
  const by = Math.fround(penalty ?? 1);
  for (const id of penalised ?? []) row[id] = row[id] > 0 ? row[id] / by : row[id] * by;
  if (biased && bias) biased.forEach((id, index) => (row[id] += bias[index]));
  return allowed ? chooseAllowed(row, want.k, allowed) : choose(row, want.k);
}

/**
 * A sorted window that each better one is shifted into: rows of logits are in no order, so almost every entry costs one
 * comparison.
 * @param {Float32Array} row @param {number} k
 */
function choose(row, k) {
  const window = new Window(Math.min(k, row.length));
  let least = -Infinity;
  for (let id = 0; id < row.length; id += 1) {
    if (row[id] > least || !window.full) least = window.put(row[id], id);
  }
  return window.end();
}

/** @param {Float32Array} row @param {number} k @param {Uint8Array} allowed a bit per id, the lowest first */
function chooseAllowed(row, k, allowed) {
  const window = new Window(Math.min(k, row.length));
  let least = -Infinity;
  for (let byte = 0; byte < allowed.length; byte += 1) {
    const bits = allowed[byte];
    if (bits === 0) continue;
    const end = Math.min(byte * 8 + 8, row.length);
    for (let id = byte * 8; id < end; id += 1) {
      if (bits & (1 << (id & 7)) && (row[id] > least || !window.full)) least = window.put(row[id], id);
    }
  }
  return window.end();
}

/** The best so far, in order. */
class Window {
  /** @param {number} size */
  constructor(size) {
    this.values = new Float32Array(size);
    this.places = new Int32Array(size); // BigInts only at the end: shifting them costs ten times as much
    this.filled = 0;
    this.full = size === 0;
  }

  /** @param {number} value @param {number} id @returns {number} what the next one must be above */
  put(value, id) {
    const { values, places } = this;
    if (this.full && values.length === 0) return Infinity;
    let place = this.full ? values.length - 1 : this.filled;
    while (place > 0 && value > values[place - 1]) {
      values[place] = values[place - 1];
      places[place] = places[place - 1];
      place -= 1;
    }
    values[place] = value;
    places[place] = id;
    if (!this.full) {
      this.filled += 1;
      this.full = this.filled === values.length;
    }
    return this.full ? values[values.length - 1] : -Infinity;
  }

  /** @returns {{values: Float32Array, ids: BigInt64Array}} */
  end() {
    return { values: this.values.slice(0, this.filled), ids: BigInt64Array.from(this.places.subarray(0, this.filled), BigInt) };
  }
}
