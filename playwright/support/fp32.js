/** The starter in full precision, as a model of its own beside the shipped one: `tests/fp32`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { PYTHON, ROOT } from './programs.js';

export const FP32 = 'tests/fp32';

const MAKE = `
import sys
from pathlib import Path
from nearside_server.build.checkout import Checkout
from nearside_server.build.console import Console
from nearside_server.build.starter import Starter
root, folder = map(Path, sys.argv[1:])
for path, content in Starter(cache_folder=Checkout(root).cache, console=Console()).get(("fp32",)).items():
    if path == "model.json":
        continue  # the server makes a card for this folder
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
`;

/** @param {string} models folder to put it into, in hub layout */
export function makeFp32(models) {
  const made = spawnSync(PYTHON, ['-c', MAKE, ROOT, join(models, FP32)], { encoding: 'utf8' });
  expect(made.status, made.stderr).toBe(0);
}

/**
 * The engine in CPython on the same folder.
 * @param {string} models
 * @param {string[]} texts
 * @param {object[]} searches parameters of the page's search
 * @returns {{vectors: number[][], results: any[][]}}
 */
export function inCPython(models, texts, searches) {
  const input = JSON.stringify({ models, model: FP32, texts, searches });
  const ran = spawnSync(PYTHON, [join(import.meta.dirname, 'cpython.py')], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  expect(ran.status, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout);
}
