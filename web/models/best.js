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
 * The k best of a row, best first, the lower id first on a tie; fewer where fewer are allowed. What is not a number
 * (NaN) is never among them.
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

/** @param {Float32Array} row @param {number} k */
function choose(row, k) {
  const most = new Most(Math.min(k, row.length));
  for (let id = 0; id < row.length; id += 1) if (row[id] >= most.least) most.add(row[id], id);
  return most.end();
}

/** @param {Float32Array} row @param {number} k @param {Uint8Array} allowed a bit per id, the lowest first */
function chooseAllowed(row, k, allowed) {
  const most = new Most(Math.min(k, row.length));
  for (let byte = 0; byte < allowed.length; byte += 1) {
    const bits = allowed[byte];
    if (bits === 0) continue;
    const end = Math.min(byte * 8 + 8, row.length);
    for (let id = byte * 8; id < end; id += 1) if (bits & (1 << (id & 7)) && row[id] >= most.least) most.add(row[id], id);
  }
  return most.end();
}

/** Beside the k that stay there is room for so many times as many. */
const ROOM = 4;

/**
 * The best so far, in the order of their ids, and those that came since. Whenever there is no room left, all but the k
 * best of them go: in any order of the row that is a few steps for each entry, and in the usual one, a comparison.
 */
class Most {
  /** @param {number} k */
  constructor(k) {
    this.k = k;
    this.filled = 0;
    /** What is below need not be added; what is not a number is never above. */
    this.least = k > 0 ? -Infinity : Infinity;
    const size = Math.max(k * ROOM, 64);
    this.values = new Float32Array(size);
    this.places = new Int32Array(size); // BigInts only at the end: they cost ten times as much
    this.scratch = new Float32Array(size);
  }

  /** @param {number} value @param {number} id above those that were added */
  add(value, id) {
    if (this.k === 0) return;
    if (this.filled === this.values.length) {
      this.#keepBest();
      if (!(value > this.least)) return;
    }
    this.values[this.filled] = value;
    this.places[this.filled] = id;
    this.filled += 1;
  }

  /** Leaves the k best, the lower id first on a tie. */
  #keepBest() {
    const { values, places, filled, k } = this;
    if (filled <= k) return;
    this.scratch.set(values.subarray(0, filled));
    const border = select(this.scratch, filled, k);
    let ties = k;
    for (let index = 0; index < filled; index += 1) if (values[index] > border) ties -= 1;
    let kept = 0;
    for (let index = 0; index < filled; index += 1) {
      if (!(values[index] > border) && (values[index] < border || (ties -= 1) < 0)) continue;
      values[kept] = values[index];
      places[kept] = places[index];
      kept += 1;
    }
    this.filled = kept;
    this.least = border;
  }

  /** @returns {{values: Float32Array, ids: BigInt64Array}} */
  end() {
    this.#keepBest();
    const { values, places, filled } = this;
    const order = Uint32Array.from({ length: filled }, (_none, index) => index).sort((a, b) => values[b] - values[a] || a - b);
    return { values: Float32Array.from(order, (index) => values[index]), ids: BigInt64Array.from(order, (index) => BigInt(places[index])) };
  }
}

/**
 * The k-th largest of the first numbers of an array, which change their order (Hoare 1961, quickselect).
 * @param {Float32Array} list none of them NaN @param {number} size @param {number} k from 1 to `size`
 */
function select(list, size, k) {
  let low = 0;
  let high = size - 1;
  while (low < high) {
    const pivot = list[(low + high) >> 1];
    let left = low;
    let right = high;
    while (left <= right) {
      while (list[left] > pivot) left += 1;
      while (list[right] < pivot) right -= 1;
      if (left > right) break;
      const swapped = list[left];
      list[left] = list[right];
      list[right] = swapped;
      left += 1;
      right -= 1;
    }
    if (k - 1 <= right) high = right;
    else if (k - 1 >= left) low = left;
    else break;
  }
  return list[k - 1];
}
