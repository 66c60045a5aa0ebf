/**
 * The texts that come with the page for a first try. They are fetched when asked for, from the site itself.
 */

/** Each sample: its file and the name it gets among the documents. */
export const SAMPLES = [
  { url: '/samples/one-face-of-the-moon.txt', name: 'One face of the moon' },
  { url: '/samples/keeping-a-sourdough.txt', name: 'Keeping a sourdough' },
  { url: '/samples/the-lens-that-saved-ships.txt', name: 'The lens that saved ships' },
];

/** @param {string} name true for a document that one of the samples became */
export const isSample = (name) => SAMPLES.some((sample) => name.startsWith(sample.name));

/**
 * @returns {Promise<{name: string, text: string, bytes: number}[] | null>} null when they cannot be had now
 */
export async function loadSamples() {
  try {
    const samples = [];
    for (const { url, name } of SAMPLES) {
      const response = await fetch(url);
      if (!response.ok) return null;
      const text = (await response.text()).trim();
      samples.push({ name, text, bytes: new Blob([text]).size });
    }
    return samples;
  } catch (error) {
    if (error instanceof TypeError) return null; // fetch's word for: no network
    throw error;
  }
}
