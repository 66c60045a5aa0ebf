/** Calls as code: complete, correct in both languages, and short enough to read. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { SEARCH_EXAMPLE, cards } from './cards.js';
import { inJavaScript, inPython } from './code.js';

const origin = 'https://near.example';

test('a short call stands on one line', () => {
  const call = cards.similarity.call({ a: 'a cat', b: 'a kitten ' });
  assert.equal(
    inJavaScript(call, { origin }),
    `import { connect } from 'https://near.example/nearside.js';\n\nconst client = connect();\nconst answer = await client.similarity("a cat", "a kitten");\nconsole.log(answer.score);`,
  );
  assert.match(inPython(call), /\nanswer = await nearside\.similarity\("a cat", "a kitten"\)\nprint\(answer\.score\)$/);
});

test('options have each language’s names and values', () => {
  const call = cards.classify.call({ text: 'It came late.', labels: 'delivery, refund,delivery', lines: false, multi: true });
  assert.match(inJavaScript(call, { origin }), /client\.zeroShot\("It came late\.", \["delivery", "refund"\], \{ multiLabel: true \}\)/);
  assert.match(inPython(call), /nearside\.zero_shot\("It came late\.", \["delivery", "refund"\], multi_label=True\)/);
});

test('long texts are named; shown they are cut, copied they are whole', () => {
  const text = 'word '.repeat(400);
  const call = cards.summarize.call({ text, style: 'brief' });
  assert.match(inPython(call), /\ntext = "word .*…" # and 1680 characters more\nanswer = await nearside\.summarize\(text, style="brief"\)/);
  assert.match(inJavaScript(call, { origin }), /const text = "word .*…"; \/\/ and 1680 characters more\n/);
  assert.ok(inPython(call, { whole: true }).includes(JSON.stringify(text)));
  assert.ok(inJavaScript(call, { origin, whole: true }).includes(`const text = ${JSON.stringify(text)};`));
});

test('documents and taught classifiers are called in their own ways', () => {
  const add = cards.documents.call({ name: ' Notes.md ', text: '# Title' });
  assert.match(inJavaScript(add, { origin }), /client\.documents\.add\(\{ name: "Notes\.md", text: "# Title" \}\)/);
  assert.match(inPython(add), /nearside\.documents\.add\("Notes\.md", "# Title"\)/);
  const kept = { ...add, fields: { id: '7' } };
  assert.match(inJavaScript(kept, { origin }), /\{ name: "Notes\.md", text: "# Title", id: "7" \}/);
  assert.match(inPython(kept), /add\("Notes\.md", "# Title", id="7"\)/);
  const use = cards.use.call({ id: 'c1', text: 'where is it' });
  assert.match(inJavaScript(use, { origin }), /const classifier = await client\.classifiers\.get\("c1"\);\nconst answer = await classifier\.classify\("where is it"\)/);
  assert.match(inPython(use), /classifier = await nearside\.classifiers\.get\("c1"\)\nanswer = await classifier\.classify\("where is it"\)/);
  const teach = cards.teach.call({ examples: 'a: one\nb: two', name: '' });
  assert.match(inJavaScript(teach, { origin }), /\[\{ text: "one", label: "a" \}, \{ text: "two", label: "b" \}\]/);
  assert.match(inPython(teach), /\[\("one", "a"\), \("two", "b"\)\]/);
});

test('whatever was typed, the code is valid in both languages', () => {
  const nasty = 'quote " back \\ slash \n line \u2028 separator \ud83d lone {x} ${y} # // café 猫\t\0';
  const calls = [
    cards.summarize.call({ text: nasty, style: 'headline' }),
    cards.answer.call({ question: nasty, context: nasty.repeat(20) }),
    cards.classify.call({ text: `${nasty}\n${nasty}`, labels: 'a, b', lines: true, multi: false }),
    cards.teach.call({ examples: `a: ${nasty.replace('\n', '')}\nb: ${'x'.repeat(500)}`, name: nasty }),
    cards.use.call({ id: 'x', text: nasty }),
    cards.rerank.call({ query: nasty, docs: `${nasty.repeat(9)}\nb` }),
    cards.language.call({ text: nasty }),
    cards.embed.call({ text: nasty }),
    cards.documents.call({ name: nasty, text: nasty }),
    cards.find.call({ query: nasty }),
    SEARCH_EXAMPLE,
  ];
  const AsyncFunction = /** @type {any} */ (Object.getPrototypeOf(async () => {}).constructor);
  const python = [];
  for (const call of calls) {
    for (const whole of [false, true]) {
      const js = inJavaScript(call, { origin, whole });
      assert.doesNotThrow(() => new AsyncFunction(js.replace(/^import .*$/m, '')), js);
      python.push(inPython(call, { whole }));
    }
  }
  const check = 'import ast, json, sys\nfor one in json.load(sys.stdin): compile(one, "x", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)\n';
  const ran = spawnSync('python3', ['-c', check], { input: JSON.stringify(python), encoding: 'utf8' });
  if (!ran.error) assert.equal(ran.status, 0, ran.stderr);
});

test('objects, languages and sounds are written as each language has them', () => {
  const extract = cards.extract.call({ text: 'Total: 3', fields: 'total: number\npaid: yes or no' });
  assert.match(inJavaScript(extract, { origin }), /const schema = \{\n {2}"type": "object",\n {2}"properties": \{"total": \{"type": "number"\}, "paid": \{"type": "boolean"\}\},\n/);
  const { status, stdout } = spawnSync('python3', ['-c', `${/schema = [\s\S]*?\n\}/.exec(inPython({ ...extract, args: [['schema', { a: [true, null, 'x'.repeat(90)] }]] }))?.[0]}\nprint(schema["a"][:2])`], { encoding: 'utf8' });
  assert.deepEqual([status, stdout.trim()], [0, '[True, None]']);
  const translate = cards.translate.call({ text: 'Hello', from: 'en', to: 'fr' });
  assert.match(inJavaScript(translate, { origin }), /client\.translate\("Hello", \{ to: "fr", from: "en" \}\)/);
  assert.match(inPython(translate), /nearside\.translate\("Hello", target="fr", source="en"\)/);
  const sound = cards.transcribe.call({ file: new Blob(['x']), times: true });
  assert.match(inJavaScript(sound, { origin }), /const sound = document\.querySelector\('input\[type=file\]'\)\.files\[0\];\nconst answer = await client\.transcribe\(sound, \{ timestamps: true \}\)/);
});
