/** Addresses and the places they name. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { ROUTES, hashOf, parseHash } from './routes.js';

test('every place has an address that leads back to it', () => {
  for (const route of ROUTES) assert.equal(parseHash(hashOf(route)), route);
});

test('no hash is the search, an unknown place too', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/models/extra', '#/Models']) assert.equal(parseHash(hash), 'search', hash);
});

test('a hash that is no place leaves the visitor there', () => {
  for (const hash of ['#main', '#models', '#a=b']) assert.equal(parseHash(hash), null, hash);
});
