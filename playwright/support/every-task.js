/**
 * One call of each task in a page, the same in every browser: what came out, as far as it must be the same everywhere.
 * The server must offer the small models in `arch/` (see `architectures.js`); what they write makes no sense, but is
 * CPython's to the letter.
 * The function is given to browsers as text, so it uses nothing from outside.
 */

/** @param {any} nearside the page's client @returns {Promise<Record<string, unknown>>} */
export async function everyTask(nearside) {
  const TEXT =
    'The ferry leaves the harbour at nine in the morning. It crosses the bay in forty minutes. ' +
    'Tickets are sold on board and cost four euros. Dogs travel free. 😀 In winter the ferry rests for repairs.';
  const examples = [
    { text: 'where is my parcel', label: 'delivery' },
    { text: 'the package did not arrive', label: 'delivery' },
    { text: 'give me my money back', label: 'refund' },
    { text: 'I want a refund for this', label: 'refund' },
  ];
  const answer = await nearside.answer('When does the ferry leave the harbour?', TEXT);
  const summary = await nearside.summarize(TEXT, { style: 'brief' });
  const taught = await nearside.teach(examples, { name: 'smoke' });
  const again = await nearside.classifiers.import(await taught.export());
  const { document } = await nearside.documents.add({ name: 'ferry.md', text: `# Ferry\n\n${TEXT}` });
  const found = await nearside.documents.search('what do tickets cost');
  const chat = await nearside.chat.completions.create({ messages: [{ role: 'user', content: 'What do tickets for the ferry cost?' }] });
  const pieces = [];
  for await (const { text } of nearside.stream('When does the ferry leave the harbour?')) pieces.push(text);
  const NEWS = 'Angela Merkel met Macron.';
  const { entities } = await nearside.extractEntities(NEWS, { model: 'arch/bert_ner', aggregation: 'first' });
  const sea = { messages: [{ role: 'user', content: 'Tell me about the sea.' }], temperature: 0, max_tokens: 8 };
  const wrote = await nearside.chat.completions.create({ ...sea, model: 'arch/llama' });
  const records = (await nearside.records.list({ limit: 50 })).records;
  const result = {
    zeroShot: (await nearside.zeroShot('Our striker scored in the last minute', ['sport', 'cooking', 'politics'])).labels[0],
    many: (await nearside.zeroShot(['boil the pasta', 'the senate voted'], ['sport', 'cooking', 'politics'])).results.map((/** @type {any} */ one) => one.labels[0]),
    rerank: (await nearside.rerank('a place to sleep', ['a bowl of soup', 'a warm bed', 'a red car'], { topK: 1 })).results[0].index,
    answer: answer.answer,
    answerPlace: TEXT.slice(answer.start, answer.end) === answer.answer,
    summary: summary.sentences.length,
    summaryPlaces: summary.sentences.every((/** @type {any} */ one) => TEXT.slice(one.start, one.end) === one.text),
    sentiment: (await nearside.classify('The room was bright.', { model: 'arch/distilbert_sst2' })).labels,
    names: entities.map((/** @type {any} */ one) => NEWS.slice(one.start, one.end)),
    translated: (await nearside.translate('Hello.', { to: 'fr', model: 'arch/marian' })).text,
    written: (await nearside.summarize('The ferry leaves at nine.', { model: 'arch/t5' })).summary,
    fields: (await nearside.extract(`Questions: accounts@harbourprint.example`, { type: 'object', properties: { email: { type: 'string', format: 'email' } } })).value,
    wrote: [wrote.choices[0].message.content.slice(1, 5), wrote.choices[0].finish_reason, wrote.usage.completion_tokens],
    language: [(await nearside.detectLanguage('Dies ist ein deutscher Satz.')).language, (await nearside.detectLanguage('これは日本語です。')).language],
    taught: (await taught.classify('has my parcel been sent?')).labels[0],
    again: (await again.classify(['has my parcel been sent?', 'refund please'])).results.map((/** @type {any} */ one) => one.labels[0]),
    document: [document.kind, (await nearside.documents.list()).documents.some((/** @type {any} */ one) => one.id === document.id)],
    found: found.results[0].text.includes('four euros'),
    chat: [chat.nearside.found, chat.choices[0].message.content.includes('four euros'), chat.nearside.citations[0].name],
    stream: pieces.join('').includes('nine in the morning'),
    sides: [...new Set(records.map((/** @type {any} */ record) => record.decision.tier))],
    console: (await nearside.console.run('(await nearside.similarity("a cat", "a kitten")).score > 0.5')).result,
    route: (await nearside.route({ task: 'chat', prompt: 'Write a poem' })).candidates[1].removedBy,
    deleted: (await nearside.documents.delete(document.id)).deleted,
  };
  await taught.delete();
  await again.delete();
  return result;
}

/** What every browser must answer. */
export const EVERY_TASK = {
  zeroShot: 'sport',
  many: ['cooking', 'politics'],
  rerank: 1,
  answer: 'The ferry leaves the harbour at nine in the morning.',
  answerPlace: true,
  summary: 3,
  summaryPlaces: true,
  sentiment: ['NEGATIVE', 'POSITIVE'],
  names: ['Angela', 'Merkel', 'met', 'Macron', '.'],
  translated: 'yyyyyyyyyyyyyyyever.ever.ever.ever.ever.ever.ever.ever.ever.ever.ever.ever.ever.everyyyyyyyyyyyyyyyy',
  written: `acehowま network${' to'.repeat(54)}`,
  fields: { email: 'accounts@harbourprint.example' },
  wrote: ['oooE', 'length', 8],
  language: ['de', 'ja'],
  taught: 'delivery',
  again: ['delivery', 'refund'],
  document: ['markdown', true],
  found: true,
  chat: [true, true, 'ferry.md'],
  stream: true,
  sides: ['near'],
  console: 'True',
  route: 'provider',
  deleted: true,
};
