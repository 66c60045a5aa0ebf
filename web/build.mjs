/**
 * Bundles the page and fills its documents in: `node web/build.mjs SITE.json OUT_DIR`.
 *
 * SITE.json is `BuildInput` of site.d.ts: where the vendored parts lie in the site, by URL. What an entry needs to know
 * of that it imports from the virtual module `nearside:site`, so no URL with a hash is written anywhere by
 * hand. The entries are bundled in four passes, because each pass needs the hashed names of the one before.
 *
 * Prints one line of JSON: `{precache: string[]}`, or `{error: {code, message, hint}}` with exit status 1.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

/** @import { BuildOptions, Plugin } from 'esbuild' */
/** @import { BuildInput, Precached, Site } from 'nearside:site' */

const WEB = dirname(fileURLToPath(import.meta.url));

// [name in nearside:site, entry]: bundles that workers and PyScript load by URL, each complete in itself
const WORKERS = /** @type {const} */ ([
  ['worker', 'models/worker.js'],
  ['bridge', 'engine/bridge.js'],
  ['interpreter', 'engine/interpreter.js'],
]);
const FRAME = 'engine/frame.js';
const APP = 'app/main.js';
const API = 'api/nearside.js';
const LISTENER = 'api/listener.js';
const SERVICE_WORKER = 'offline/sw.js';
const ENTRIES = new Set([...WORKERS.map(([, entry]) => entry), FRAME, APP, API, LISTENER, SERVICE_WORKER]);

/** What stops a build, with the fields that the Python side reads. */
class BuildError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {string} [hint]
   */
  constructor(code, message, hint) {
    super(message);
    this.code = code;
    this.hint = hint ?? null;
  }
}

/**
 * The virtual module: `site` as it is known in this pass, for entries only.
 *
 * @param {Site} site
 * @returns {Plugin}
 */
function siteModule(site) {
  return {
    name: 'nearside:site',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^nearside:site$/ }, ({ importer }) => {
        const entry = relative(WEB, importer).split(sep).join('/');
        if (!ENTRIES.has(entry)) return { errors: [{ text: `${entry} is no entry: only entries import nearside:site` }] };
        return { path: 'site', namespace: 'nearside' };
      });
      esbuild.onLoad({ filter: /^site$/, namespace: 'nearside' }, () => ({
        contents: `export default ${JSON.stringify(site)};`,
      }));
    },
  };
}

/**
 * Bundle `entries` (paths below web/ or static/) into `out`; returns the URL of each by its path.
 *
 * @param {string[]} entries
 * @param {Site} site
 * @param {string} out
 * @param {Partial<BuildOptions>} [options]
 * @returns {Promise<Map<string, string>>}
 */
async function bundle(entries, site, out, options = {}) {
  if (!entries.length) return new Map();
  for (const entry of entries) {
    if (!existsSync(join(WEB, entry))) throw new BuildError('missing_input', `web/${entry} is not there.`);
  }
  const result = await build({
    absWorkingDir: WEB,
    entryPoints: entries.map((entry) => join(WEB, entry)),
    outdir: join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: '/assets/',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'eof',
    charset: 'utf8',
    external: ['/nearside.js', '/icons/*'],
    loader: { '.woff2': 'file', '.svg': 'file', '.png': 'file' },
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [siteModule(site)],
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
  if (result.warnings.length) throw new BuildError('tool_failed', `esbuild warns: ${result.warnings[0]?.text}`);
  const urls = new Map();
  for (const [file, { entryPoint }] of Object.entries(result.metafile?.outputs ?? {})) {
    const url = '/' + relative(out, resolve(WEB, file)).split(sep).join('/');
    if (entryPoint) urls.set(entryPoint, url);
  }
  return urls;
}

/**
 * Bundle one entry to a name that stays the same.
 *
 * @param {string} entry
 * @param {Site} site
 * @param {string} out
 * @param {string} name
 * @param {Partial<BuildOptions>} [options]
 */
async function bundleAs(entry, site, out, name, options) {
  const url = /** @type {string} */ ((await bundle([entry], site, out, options)).get(entry));
  await rename(join(out, url), join(out, name));
}

/**
 * The static files, by path relative to their folder.
 *
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/**
 * The paths that documents name as `{{asset:PATH}}`.
 *
 * @param {Iterable<string>} documents
 * @returns {Set<string>}
 */
function namedAssets(documents) {
  return new Set([...documents].flatMap((text) => [...text.matchAll(/\{\{asset:([^}]*)\}\}/g)].map((match) => match[1] ?? '')));
}

/**
 * Fill the places of a document in; every place must be known.
 *
 * @param {string} name
 * @param {string} text
 * @param {Map<string, string>} urls
 * @param {string} version
 */
function fill(name, text, urls, version) {
  return text.replace(/\{\{([^}]*)\}\}/g, (place, what) => {
    const value = what === 'version' ? version : urls.get(what.replace(/^asset:/, ''));
    if (value === undefined) throw new BuildError('missing_input', `static/${name} has ${place}, which nothing builds.`);
    return value;
  });
}

/**
 * The service worker's list entry for a file in the site.
 *
 * @param {string} out
 * @param {string} url
 * @returns {Promise<Precached>}
 */
async function precached(out, url) {
  if (/^\/(local\/)?assets\//.test(url)) return { url, revision: null };
  const content = await readFile(join(out, url));
  return { url, revision: createHash('sha256').update(content).digest('hex').slice(0, 16) };
}

/**
 * Put what the local-only documents need under /local/ as well: the server gives those paths a policy that cannot reach
 * the cloud, and a worker obeys the policy that its own script came with.
 *
 * @param {string} out
 * @param {string} worker URL of the model worker's script
 * @returns {Promise<string[]>} the new URLs
 */
async function mirrorLocal(out, worker) {
  const urls = ['/index.html', '/engine.html', worker];
  await mkdir(join(out, 'local/assets'), { recursive: true });
  await Promise.all(urls.map((url) => copyFile(join(out, url), join(out, 'local', url))));
  return urls.map((url) => `/local${url}`);
}

/**
 * Run the four passes and write the documents.
 *
 * @param {BuildInput} input
 * @param {string} out
 * @returns {Promise<string[]>} the URLs that the service worker keeps
 */
async function buildPage({ static: folder, precache, ...vendored }, out) {
  const names = await listFiles(folder);
  const documents = new Map();
  for (const name of names.filter((each) => each.endsWith('.html'))) {
    documents.set(name, await readFile(join(folder, name), 'utf8'));
  }

  /** @type {Site} */
  const site = { ...vendored, engine: '/engine.html' };
  const workers = await bundle(WORKERS.map(([, entry]) => entry), site, out);
  for (const [name, entry] of WORKERS) site[name] = workers.get(entry);
  const frame = await bundle([FRAME], site, out);
  const styles = [...namedAssets(documents.values())].filter((path) => path.endsWith('.css'));
  const app = await bundle([APP], site, out, { splitting: true });
  const css = await bundle(styles, site, out);
  await bundleAs(API, site, out, 'nearside.js');
  await bundleAs(LISTENER, site, out, 'listener.js'); // a worklet: its address is the same for every bundle that loads it

  const urls = new Map([...workers, ...frame, ...app, ...css]);
  for (const name of names) {
    await mkdir(dirname(join(out, name)), { recursive: true });
    const text = documents.get(name);
    if (text === undefined) await copyFile(join(folder, name), join(out, name));
    else await writeFile(join(out, name), fill(name, text, urls, vendored.version));
  }

  const local = await mirrorLocal(out, /** @type {string} */ (site.worker));
  const bundled = (await listFiles(join(out, 'assets'))).filter((name) => !name.includes('/')).map((name) => `/assets/${name}`);
  const offline = names.filter((name) => !name.startsWith('docs/')); // what is read beside the product, not in it
  const shell = [...offline.map((name) => `/${name}`), '/nearside.js', '/listener.js', ...bundled, ...local];
  site.precache = [...(await Promise.all(shell.map((url) => precached(out, url)))), ...precache];
  await bundleAs(SERVICE_WORKER, site, out, 'sw.js', { format: 'iife' });
  return site.precache.map(({ url }) => url);
}

const [inputFile, out, parent] = process.argv.slice(2);
if (parent === '--while-stdin') {
  // Whoever started this holds the other end: without it nobody wants the result, and files must not go on appearing.
  process.stdin.on('end', () => process.exit(1)).resume();
  /** @type {import('node:net').Socket} */ (/** @type {unknown} */ (process.stdin)).unref();
}
try {
  if (!inputFile || !out) throw new BuildError('invalid_option', 'usage: node web/build.mjs SITE.json OUT_DIR');
  /** @type {BuildInput} */
  const input = JSON.parse(await readFile(inputFile, 'utf8'));
  console.log(JSON.stringify({ precache: await buildPage(input, resolve(out)) }));
} catch (error) {
  const { code = 'tool_failed', message, hint = null } = /** @type {BuildError} */ (error);
  console.log(JSON.stringify({ error: { code, message, hint } }));
  process.exitCode = 1;
}
