/** The floor for whoever keeps the page's thread free: bare onnxruntime-web behind one message each way. */
const worker = new Worker('/peers/worker.js', { type: 'module' });
const ask = (/** @type {string} */ text) =>
  new Promise((done) => {
    worker.onmessage = ({ data }) => done(data);
    worker.postMessage(text);
  });

window.peer = (async () => {
  await ask('ready?');
  return {
    embed: ask,
    async bulk(/** @type {string[]} */ texts) {
      for (const text of texts) await ask(text);
    },
  };
})();
