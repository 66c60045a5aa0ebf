/**
 * Reading the visitor's files as text. Nothing is thrown for a file that cannot be read: each one gives
 * either a text or the reason why not, so that one bad file never hides five good ones.
 */

/** Largest file that is taken, in bytes. */
export const MAX_BYTES = 20_000_000;

/** What the file picker offers first; any other text file can be dropped or chosen too. */
export const ACCEPT = '.txt,.md,.markdown,.csv,.tsv,.json,.jsonl,.html,.htm,.xml,.yaml,.yml,.log,.rst,.tex,.srt,.vtt,text/*';

/** Enough of a file to tell text from anything else. */
const SNIFF_BYTES = 65_536;

/** @typedef {'too_large' | 'binary' | 'empty' | 'unreadable'} Refusal */
/** @typedef {{ok: true, name: string, text: string, bytes: number} | {ok: false, name: string, reason: Refusal}} ReadFile */

/**
 * The part of File that is used (tests pass their own).
 * @typedef {{name: string, size: number, arrayBuffer: () => Promise<ArrayBuffer>, slice: (from: number, to: number) => {arrayBuffer: () => Promise<ArrayBuffer>}}} FileLike
 */

/**
 * Encoding by byte order mark; null when there is none.
 * @param {Uint8Array} bytes
 */
function marked(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : null;
}

/**
 * True for bytes that no text file has: a NUL, a PDF's signature, or more than one control character in fifty.
 * @param {Uint8Array} head the first bytes of a file
 */
export function looksBinary(head) {
  const mark = marked(head);
  if (mark && mark !== 'utf-8') return false;
  if (head[0] === 0x25 && head[1] === 0x50 && head[2] === 0x44 && head[3] === 0x46) return true;
  let control = 0;
  for (const byte of head) {
    if (byte === 0) return true;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) control += 1;
  }
  return control * 50 > head.length;
}

/**
 * Bytes to text: the byte order mark decides, then UTF-8 where it is valid, else Windows-1252, which
 * gives every byte a character (old exports of European text are nearly always that).
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function decode(bytes) {
  const mark = marked(bytes);
  if (mark) return new TextDecoder(mark).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * One file to text, or the reason why it is refused. Large files are refused before a byte is read.
 * @param {FileLike} file
 * @returns {Promise<ReadFile>}
 */
export async function readFile(file) {
  const { name } = file;
  if (file.size > MAX_BYTES) return { ok: false, name, reason: 'too_large' };
  try {
    const head = new Uint8Array(await file.slice(0, SNIFF_BYTES).arrayBuffer());
    if (looksBinary(head)) return { ok: false, name, reason: 'binary' };
    const text = decode(new Uint8Array(await file.arrayBuffer())).replace(/\r\n?/g, '\n');
    if (!text.trim()) return { ok: false, name, reason: 'empty' };
    return { ok: true, name, text, bytes: file.size };
  } catch (error) {
    // A folder that was dropped, a file that moved, or a revoked permission: the browser says DOMException.
    if (error instanceof DOMException) return { ok: false, name, reason: 'unreadable' };
    throw error;
  }
}

/**
 * Several files, one after the other: reading all at once would hold all of them in memory twice.
 * @param {Iterable<FileLike>} files
 * @returns {Promise<ReadFile[]>}
 */
export async function readFiles(files) {
  const answers = [];
  for (const file of files) answers.push(await readFile(file));
  return answers;
}
