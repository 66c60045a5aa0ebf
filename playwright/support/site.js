/** Copies of the built site with something changed: another version, a wheel with another constant. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PYTHON, SITE } from './programs.js';

/**
 * @param {string} folder where the copy goes; it must not exist
 * @param {Record<string, (content: Buffer) => Buffer|string>} edits by path in the site
 * @returns {string} the folder
 */
export function copySite(folder, edits) {
  const manifest = JSON.parse(readFileSync(join(SITE, 'build.json'), 'utf8'));
  for (const entry of readdirSync(SITE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(folder, from.slice(SITE.length));
    mkdirSync(dirname(to), { recursive: true });
    try {
      linkSync(from, to); // a hundred megabytes that nobody changes
    } catch {
      copyFileSync(from, to);
    }
  }
  const write = (/** @type {string} */ path, /** @type {Buffer|string} */ content) => {
    for (const name of [path, `${path}.br`, `${path}.gz`]) rmSync(join(folder, name), { force: true });
    writeFileSync(join(folder, path), content);
    const file = manifest.files.find((/** @type {any} */ one) => one.path === path);
    const bytes = Buffer.from(content);
    file.bytes = bytes.length;
    file.sha256 = createHash('sha256').update(bytes).digest('hex');
    delete file.br;
    delete file.gz;
    return file.sha256;
  };
  let worker = readFileSync(join(SITE, 'sw.js'), 'utf8');
  for (const [path, edit] of Object.entries(edits)) {
    const before = readFileSync(join(SITE, path));
    const after = Buffer.from(edit(before));
    if (after.equals(before)) throw new Error(`The edit changed nothing in ${path}.`);
    const sha256 = write(path, after);
    // What has a stable name is kept by revision: the service worker must see another one.
    worker = worker.replace(new RegExp(`(url:"/${path.replaceAll('.', '\\.')}",revision:")[^"]*`), `$1${sha256.slice(0, 16)}`);
  }
  write('sw.js', worker);
  rmSync(join(folder, 'build.json'));
  writeFileSync(join(folder, 'build.json'), JSON.stringify(manifest));
  return folder;
}

/** @returns {string} path of the engine's wheel in the site */
export function wheelPath() {
  const manifest = JSON.parse(readFileSync(join(SITE, 'build.json'), 'utf8'));
  return manifest.files.find((/** @type {any} */ { path }) => /\/nearside-[^/]*\.whl$/.test(path)).path;
}

const REPACK = `
import io, sys, zipfile
member, old, new = sys.argv[1:]
given = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert member in given.namelist(), member
made = io.BytesIO()
with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
    for info in given.infolist():
        data = given.read(info)
        if info.filename == member:
            text = data.decode()
            assert text.count(old) == 1, (member, old, text.count(old))
            data = text.replace(old, new).encode()
        out.writestr(info.filename, data)
sys.stdout.buffer.write(made.getvalue())
`;

/**
 * @param {Buffer} wheel @param {string} member @param {string} old @param {string} changed
 * @returns {Buffer} the wheel with one line of one member changed
 */
export function changeWheel(wheel, member, old, changed) {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', REPACK, member, old, changed], { input: wheel, maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`The wheel could not be changed: ${stderr}`);
  return stdout;
}
