/**
 * What the browser's tokenizers make of texts: `node tokenizers.mjs < QUESTIONS.json`. QUESTIONS.json is
 * `{texts, tokenizers: [{tokenizer, config, ids}]}` with the texts of the two files and id lists to decode; prints per
 * tokenizer `{ids, plain, decoded, whole, vocabulary}`, `whole` being decoded with special tokens.
 */
import { readFileSync } from 'node:fs';
import { decode, encode, encodeOne, idOf, loadTokenizer, vocabulary } from '../../../web/engine/tokenizer.js';

const { texts, tokenizers } = JSON.parse(readFileSync(0, 'utf8'));

/** The rows of a batch, and the same by one call each. */
function rows(handle, special) {
  const [flat, lengths] = encode(handle, texts, special);
  let at = 0;
  return Array.from(lengths, (length) => Array.from(flat.subarray(at, (at += length))));
}

const answers = tokenizers.map(({ tokenizer, config, ids }) => {
  const handle = loadTokenizer(tokenizer, config);
  const known = JSON.parse(vocabulary(handle));
  const made = rows(handle, true);
  const alone = texts.slice(0, 20).map((text) => Array.from(encodeOne(handle, text, true)));
  if (JSON.stringify(alone) !== JSON.stringify(made.slice(0, 20))) throw new Error('encodeOne differs from encode');
  for (const [id, token] of known.entries()) {
    if (token !== null && known.indexOf(token) === id && idOf(handle, token) !== id) throw new Error(`idOf(${token}) is not ${id}`);
  }
  return {
    ids: made,
    plain: rows(handle, false),
    decoded: ids.map((row) => decode(handle, row, false)),
    whole: ids.map((row) => decode(handle, row, true)),
    vocabulary: known,
  };
});
process.stdout.write(JSON.stringify(answers));
