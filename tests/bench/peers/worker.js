/** bare.js behind a port. */
import './bare.js';

self.onmessage = async ({ data }) => {
  const vector = await (await globalThis.peer).embed(data);
  self.postMessage(vector, { transfer: [vector.buffer] });
};
