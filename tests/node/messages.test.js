import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import './browser.js';
import { messages } from '../../swag_goals/console/messages.js';

const { clockFace, language, secondsLong, text } = await import('../../swag_goals/console/language.js');

const FOLDER = new URL('../../swag_goals/console/', import.meta.url);
const sources = readdirSync(FOLDER)
  .filter((name) => /\.(js|html)$/.test(name))
  .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));
const { en, 'zh-hant': chinese } = messages;

/** The names in braces. @param {string} message */
const blanks = (message) => (message.match(/\{\w+\}/g) ?? []).sort();

test('every message is there in both languages, with the same blanks', () => {
  assert.deepEqual(Object.keys(chinese), Object.keys(en));
  for (const [name, message] of Object.entries(chinese)) {
    assert.deepEqual(blanks(message), blanks(en[/** @type {keyof typeof en} */ (name)]), name);
  }
});

test('every message that a page asks for is there', () => {
  const asked = sources.flatMap((source) => [...source.matchAll(/(?:\btext\(|data-message=)['"](\w+)['"]/g)]);

  assert.ok(asked.length > 50);
  assert.deepEqual(
    asked.map(([, name]) => name ?? '').filter((name) => !(name in en)),
    [],
  );
});

test('blanks are filled, and a message that is unknown is what stands for it', () => {
  assert.equal(language(), 'en');
  assert.equal(text('spoken_time', { minutes: 2, seconds: 5 }), '2 min 5 s');
  assert.equal(text('reason_new', {}, 'What the service says.'), 'What the service says.');
  assert.equal(text('status_new'), 'status_new');
});

test('seconds look like a clock', () => {
  assert.deepEqual([0, 5, 65, 3905].map(clockFace), ['0:00', '0:05', '1:05', '1:05:05']);
});

test('two digits behind the point while they matter', () => {
  assert.deepEqual([1234, 9999, 12_345].map(secondsLong), ['1.23 s', '10 s', '12 s']);
});
