// What both pages share: signing in and out, the language, the connection's state, what is announced.

import { Problem } from './api.js';
import { $ } from './element.js';
import { language, localize, speak, text } from './language.js';

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const ID = /^[0-9a-f]{24}$/;

/** Say it to screen readers when they have said what they are at. @param {string} words */
export function announce(words) {
  $('announcements').textContent = words;
}

/**
 * Show whether events come as they happen, and the service answers; else why it refuses them, where it does.
 * @param {boolean} isLive @param {Problem?} refusal
 */
export function showConnection(isLive, refusal = null) {
  const chip = $('connection');
  const words = isLive ? text('live') : `${text('not_live')}${refusal ? ` · ${refusal.message}` : ''}`;
  if (!chip.hidden && chip.textContent !== words) announce(words);
  chip.textContent = words;
  chip.dataset.live = isLive;
  chip.hidden = false;
}

/**
 * Run the page.
 *
 * `start(token, ids)` signs in, with the ids of the form by their names; it resolves to {stop, render}, or rejects with
 * what is then shown. Returns what signs out again, saying why.
 * @param {(token: string, ids: Record<string, string>) => Promise<{stop: () => void, render: () => void}>} start
 */
export function run(start) {
  const form = $('sign-in');
  let running = /** @type {Awaited<ReturnType<typeof start>>?} */ (null);

  const show = (/** @type {boolean} */ isSignedIn) => {
    form.hidden = isSignedIn;
    $('signed-in').hidden = $('sign-out').hidden = !isSignedIn;
    if (!isSignedIn) $('connection').hidden = true;
  };
  const signOut = (/** @type {string} */ words) => {
    running?.stop();
    running = null;
    show(false);
    refuse(words, $('token'));
  };
  form.addEventListener('submit', async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const found = fields();
    if (!found) return;
    const submit = form.querySelector('button');
    submit.disabled = true;
    try {
      running = await start(found.token, found.ids);
      $('token').value = ''; // in memory alone from here on
      refuse('');
      show(true);
      $('main').focus();
    } catch (error) {
      refuse(error instanceof Problem ? error.message : text('no_answer'), $('token'));
    } finally {
      submit.disabled = false;
    }
  });
  $('sign-out').addEventListener('click', () => signOut(''));
  chooseLanguage(() => running?.render());
  return signOut;
}

const inputs = () => document.querySelectorAll('input');

/** What the form says; null after telling what is not of the right form. */
function fields() {
  const ids = /** @type {Record<string, string>} */ ({});
  for (const input of inputs()) {
    if (!input.matches('.id')) continue;
    ids[input.id] = input.value.trim();
    if (!ID.test(ids[input.id] ?? '')) return refuse(text('id_malformed'), input);
  }
  const token = $('token').value.trim();
  return TOKEN.test(token) ? { token, ids } : refuse(text('token_malformed'), $('token'));
}

/** @param {string} words @param {HTMLInputElement} [input] */
function refuse(words, input) {
  $('refusal').textContent = words;
  for (const each of inputs()) each.setAttribute('aria-invalid', String(Boolean(words) && each === input));
  input?.focus();
  return null;
}

function chooseLanguage(/** @type {() => void} */ render) {
  const buttons = $('languages').querySelectorAll('button');
  const show = () => {
    localize();
    for (const button of buttons) button.setAttribute('aria-pressed', button.value === language());
    if (!$('connection').hidden) showConnection($('connection').dataset.live === 'true');
    render();
  };
  for (const button of buttons) {
    button.addEventListener('click', () => {
      speak(button.value);
      show();
    });
  }
  show();
}
