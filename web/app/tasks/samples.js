/** The samples of the cards: one file that comes with the page, which may point to texts that are there anyway. */

const FILE = '/samples/tasks/samples.json';

/** @typedef {{label: string, form: Record<string, any>, then?: Record<string, any>}} Sample `then`: the second form of a card that has two */
/** @typedef {Record<string, Sample[]>} Samples by card */

/** @type {Promise<Samples | null> | null} */
let loading = null;

/** @returns {Promise<Samples | null>} null when they cannot be had now */
export function loadTaskSamples() {
  loading ??= load().then((samples) => {
    if (!samples) loading = null; // the network may come back
    return samples;
  });
  return loading;
}

/** @returns {Promise<Samples | null>} */
async function load() {
  const text = await textOf(FILE);
  return text === null ? null : JSON.parse(text);
}

/**
 * A sample's fields with the texts of the files that they point to.
 * @param {Record<string, any>} form values are plain, or `{file: URL}`
 * @returns {Promise<Record<string, any> | null>}
 */
export async function filled(form) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const [name, value] of Object.entries(form)) {
    const text = typeof value?.file === 'string' ? await textOf(value.file) : value;
    if (text === null) return null;
    values[name] = text;
  }
  return values;
}

/** @param {string} url @returns {Promise<string | null>} */
async function textOf(url) {
  try {
    const response = await fetch(url);
    return response.ok ? (await response.text()).trim() : null;
  } catch (error) {
    if (error instanceof TypeError) return null; // fetch's word for: no network
    throw error;
  }
}
