/** Which files of a hub repository are the graphs of a model, and in which precision: as `models/graphs.py` has it. */

/**
 * dtype → the endings that hub repositories give its files, the best for a CPU first.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const SUFFIXES = Object.freeze({
  int8: ['_quantized', '_int8'],
  fp32: [''],
  fp16: ['_fp16'],
  q4f16: ['_q4f16'],
  q4: ['_q4'],
});

const FOLDER = 'onnx/';
const MODEL = 'model';
const ENCODER = 'encoder';
const DECODER = 'decoder';
const WITH_PAST = 'decoder_with_past';

const MERGED = 'decoder_model_merged';
const PLAIN = 'decoder_model';
const STEMS = { [ENCODER]: 'encoder_model', [WITH_PAST]: 'decoder_with_past_model' };

/**
 * dtype → the path of the main graph's file: `model`, else `decoder_model_merged`, else `decoder_model` with its pair
 * `decoder_with_past_model`. A precision that lacks one of the graphs is left out.
 * @param {string[]} paths @returns {Record<string, string>}
 */
export function dtypeFiles(paths) {
  for (const stem of [MODEL, MERGED, PLAIN]) {
    /** @type {Record<string, string>} */
    const made = {};
    for (const [dtype, suffixes] of Object.entries(SUFFIXES)) {
      const suffix = suffixes.find((one) => paths.includes(`${FOLDER}${stem}${one}.onnx`) && whole(stem, one, paths));
      if (suffix !== undefined) made[dtype] = `${FOLDER}${stem}${suffix}.onnx`;
    }
    if (Object.keys(made).length > 0) return made;
  }
  return {};
}

/** @param {string} stem @param {string} suffix @param {string[]} paths @returns {boolean} whether the main graph's others are there */
function whole(stem, suffix, paths) {
  if (stem === MODEL) return true;
  const encoder = paths.includes(`${FOLDER}${STEMS[ENCODER]}${suffix}.onnx`);
  if (stem === MERGED) return encoder || !paths.some((path) => path.startsWith(FOLDER + STEMS[ENCODER]));
  return encoder && paths.includes(`${FOLDER}${STEMS[WITH_PAST]}${suffix}.onnx`);
}

/**
 * The name of each graph → the path of its file, the main one first, for the main graph's file: "model" alone; or
 * "decoder" with "encoder" (a merged decoder); or these two with "decoder_with_past".
 * @param {string} main @param {string[]} paths @returns {Record<string, string>}
 */
export function graphFiles(main, paths) {
  const name = main.startsWith(FOLDER) ? main.slice(FOLDER.length) : main;
  const stem = [MERGED, PLAIN].find((one) => name.startsWith(one));
  if (stem === undefined) return { [MODEL]: main };
  const suffix = name.slice(stem.length);
  const encoder = `${FOLDER}${STEMS[ENCODER]}${suffix}`;
  if (!paths.includes(encoder)) return { [MODEL]: main };
  const made = { [DECODER]: main, [ENCODER]: encoder };
  return stem === PLAIN ? { ...made, [WITH_PAST]: `${FOLDER}${STEMS[WITH_PAST]}${suffix}` } : made;
}

/**
 * The files that hold the weights outside a graph's own: `graph.onnx_data`, `graph.onnx_data_1`, … or `graph.onnx.data`.
 * @param {string} graph @param {string[]} paths @returns {string[]}
 */
export function dataFiles(graph, paths) {
  return paths.filter((path) => path.startsWith(`${graph}_data`) || path.startsWith(`${graph}.data`)).sort();
}

/**
 * All files with weights for the main graph at `main`, that one first.
 * @param {string} main @param {string[]} paths @returns {string[]}
 */
export function weightFiles(main, paths) {
  const graphs = Object.values(graphFiles(main, paths));
  return [...graphs, ...graphs.flatMap((graph) => dataFiles(graph, paths))];
}
