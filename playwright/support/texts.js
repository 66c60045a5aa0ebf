/** Fifty texts that differ in what can go wrong: length, script, sign, case, what no vocabulary has. */

const plain = [
  'Where do kittens sleep?',
  'Cats like to nap on warm windowsills while it rains outside.',
  'The harbour master wrote the tides into a ledger every morning.',
  'Sourdough bread needs a lively starter, strong flour, salt and time.',
  'The committee adjourned without a decision, to nobody’s surprise.',
  'I can’t believe it’s not butter!',
  'A list: first, second, third; and (in brackets) a fourth.',
  'SHOUTING IN CAPITAL LETTERS IS HARD ON THE EYES',
  'camelCaseIdentifier snake_case_identifier kebab-case-identifier',
  'E = mc² and ∑ₙ 1/n² = π²⁄6',
  'The price rose from $1,299.99 to €1.349,00 (+3.9 %) on 2024-02-29.',
  'Call me at +1 (555) 010-9999 or write to someone@example.org.',
  'https://example.org/a/b?c=d&e=%20f#top',
  'def f(x: int) -> int:\n    return x * 2  # doubles',
  '{"key": ["value", 1, null, true]}',
  '<p class="lead">Not &amp; never <b>HTML</b></p>',
];

const scripts = [
  'Der schnelle braune Fuchs springt über den faulen Hund; größer, öfter, müßig.',
  'Le cœur a ses raisons que la raison ne connaît point.',
  'El ingenioso hidalgo don Quijote de la Mancha, ¿verdad?',
  'Żółć gęślą jaźń, Příliš žluťoučký kůň, Árvíztűrő tükörfúrógép',
  'Съешь же ещё этих мягких французских булок, да выпей чаю',
  'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία',
  'いろはにほへと ちりぬるを',
  '我能吞下玻璃而不伤身体。',
  '다람쥐 헌 쳇바퀴에 타고파',
  'नमस्ते दुनिया, यह एक परीक्षण है।',
  'สวัสดีชาวโลก นี่คือการทดสอบ',
  'مرحبا بالعالم، هذا نص عربي مع أرقام ١٢٣',
  'שלום עולם, זה טקסט בעברית עם English באמצע',
  '‏mixed ‎bidi‏ marks‎',
];

const strange = [
  '🐈 sleeps on 🪟, then eats 🐟🐟🐟',
  '👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 👍🏽 tone',
  'ﬁrst ligature, ﬀ and ﬄ; ①②③ ½ ¾',
  'Ｆｕｌｌ ｗｉｄｔｈ　ｌｅｔｔｅｒｓ',
  'cafe\u0301 is café, and A\u030Angstro\u0308m is Ångström',
  'zero\u200bwidth\u200djoiner\ufeffmark',
  'tabs\tand\nnewlines\r\nand\u00a0no-break\u2003spaces',
  'control \u0001\u0002\u007f signs',
  '[CLS] [MASK] [SEP] [PAD] [UNK] as plain words',
  'a'.repeat(150),
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  '!!! ??? ... --- *** ###',
  '0',
  'x',
  ' leading and trailing spaces ',
  '\ud83d\ude00\ud83d\ude01\ud83d\ude02 only faces',
];

/** Longer than the model's window of 256 tokens: cut into windows. */
const long = [
  Array.from({ length: 60 }, (_, index) => `Sentence ${index} tells of ship number ${index * 7}, which left port at dawn.`).join(' '),
  Array.from({ length: 40 }, (_, index) => `段落${index}。これは長い文章の一部です。`).join(''),
  'unbroken'.repeat(400),
  Array.from({ length: 30 }, (_, index) => `- point ${index}: flour, water, salt\n\n`).join(''),
];

export const TEXTS = Object.freeze([...plain, ...scripts, ...strange, ...long]);
