/**
 * Where the programs under test are: the browsers (an environment variable, then PATH), the `nearside` command, the
 * built site. What NEARSIDE_REQUIRE names must be there; anything else that is missing skips its tests.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** The `nearside` command and the Python beside it. */
export const NEARSIDE = process.env.NEARSIDE_COMMAND ?? join(ROOT, '.venv/bin/nearside');
export const PYTHON = process.env.NEARSIDE_PYTHON ?? join(ROOT, '.venv/bin/python');

/** The built site that the tests look at. */
export const SITE = resolve(process.env.NEARSIDE_SITE ?? join(ROOT, 'server/nearside_server/_site'));

const required = new Set((process.env.NEARSIDE_REQUIRE ?? '').split(',').map((name) => name.trim()).filter(Boolean));

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} variable environment variable that names the program
 * @param {string[]} programs its names on PATH
 * @returns {string|undefined}
 */
function find(variable, programs) {
  const given = process.env[variable];
  if (given) return isProgram(given) ? given : undefined;
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin'];
  return programs.flatMap((program) => folders.map((folder) => join(folder, program))).find(isProgram);
}

/** @returns {string|undefined} a Chromium; undefined lets Playwright look for its own */
export const chromiumPath = () =>
  find('NEARSIDE_CHROMIUM', ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']);

/** @returns {string|undefined} a Firefox */
export const firefoxPath = () => find('NEARSIDE_FIREFOX', ['firefox-esr', 'firefox']);

/** @param {string} name what NEARSIDE_REQUIRE may name @returns {boolean} whether it must be there */
export const isRequired = (name) => required.has(name);

if (!existsSync(join(SITE, 'build.json'))) {
  throw new Error(`There is no built site in ${SITE}: run "make site", or set NEARSIDE_SITE.`);
}
