/** Addresses and the places they name. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { MAIN, MORE, ROUTES, hasShelf, hashOf, parseHash } from './routes.js';
import { routes, titles } from './strings.js';

test('every place has an address that leads back to it', () => {
  for (const route of ROUTES) assert.equal(parseHash(hashOf(route)), route);
});

test('no hash is the chat, an unknown place too', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/models/extra', '#/Models']) assert.equal(parseHash(hash), 'chat', hash);
});

test('a hash that is no place leaves the visitor there', () => {
  for (const hash of ['#main', '#models', '#a=b']) assert.equal(parseHash(hash), null, hash);
});

test('every place stands in the bar or behind More, once, with a name and a title', () => {
  assert.deepEqual([...new Set([...MAIN, ...MORE])], ROUTES);
  for (const route of ROUTES) assert.ok(routes[route] && titles[route], route);
});

test('the texts lie beside the chat and the search only', () => {
  assert.deepEqual(ROUTES.filter(hasShelf), ['chat', 'search']);
});
