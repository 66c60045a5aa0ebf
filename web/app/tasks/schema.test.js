/** Fields that somebody types, as a JSON schema, and what came of them as rows. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { at, foundRows, nameOf, schemaOf } from './schema.js';

test('each line is a field, a text unless it says otherwise', () => {
  const { schema, count, badLine } = schemaOf('invoice number\n\n total : Number\ndue: date\nitems: list of whole number\npaid by: one of: card, cash');
  assert.deepEqual([count, badLine], [5, null]);
  assert.deepEqual(schema, {
    type: 'object',
    properties: {
      invoice_number: { type: 'string' },
      total: { type: 'number' },
      due: { type: 'string', format: 'date' },
      items: { type: 'array', items: { type: 'integer' } },
      paid_by: { enum: ['card', 'cash'] },
    },
    required: ['invoice_number', 'total', 'due', 'items', 'paid_by'],
  });
  assert.equal(nameOf('paid_by'), 'paid by');
});

test('a line that says nothing that is known is named', () => {
  for (const [text, line] of /** @type {const} */ ([['a\nb: colour', 2], [': number', 1], ['a: one of: x', 1], ['a: list of nothing', 1], ['{"type"', 1], ['{}', 1]])) {
    assert.deepEqual([schemaOf(text).schema, schemaOf(text).badLine], [null, line], text);
  }
  assert.deepEqual(schemaOf(' \n'), { schema: null, count: 0, badLine: null });
});

test('a JSON schema is taken as it is', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  assert.deepEqual(schemaOf(JSON.stringify(schema)), { schema, count: 1, badLine: null });
});

test('what was found stands in rows, inner values by their paths', () => {
  const value = { items: [{ price: 3 }, { price: 4 }], name: 'Ada' };
  const source = { method: 'pattern', start: 1, end: 2, score: null };
  assert.deepEqual(
    foundRows({ value, fields: { 'items[1].price': source, name: source } }).map(({ path, value: one }) => [path, one]),
    [['items[1].price', 4], ['name', 'Ada']],
  );
  assert.equal(at(value, 'items[7].price'), undefined);
});
