// What both pages share: signing in and out, the language, the connection's state, what is announced.

import { language, localize, speak, text } from './language.js';

const $ = (id) => document.getElementById(id);
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const ID = /^[0-9a-f]{24}$/;

/** Say it to screen readers when they have said what they are at. */
export function announce(words) {
  $('announcements').textContent = words;
}

/** Show whether events come as they happen, and the service answers. */
export function showConnection(isLive) {
  const chip = $('connection');
  const words = text(isLive ? 'live' : 'not_live');
  if (!chip.hidden && chip.textContent !== words) announce(words);
  chip.textContent = words;
  chip.dataset.live = isLive;
  chip.hidden = false;
}

/**
 * Run the page.
 *
 * `start(token, ids)` signs in, with the ids of the form by their names; it resolves to {stop, render}, or rejects with
 * what to tell. Returns what signs out again, saying why.
 */
export function run(start) {
  const form = $('sign-in');
  let running = null;

  const show = (isSignedIn) => {
    form.hidden = isSignedIn;
    $('signed-in').hidden = $('sign-out').hidden = !isSignedIn;
    if (!isSignedIn) $('connection').hidden = true;
  };
  const signOut = (words) => {
    running?.stop();
    running = null;
    show(false);
    refuse(form, words, $('token'));
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const found = fields(form);
    if (!found) return;
    const submit = form.querySelector('button');
    submit.disabled = true;
    try {
      running = await start(found.token, found.ids);
      $('token').value = ''; // in memory alone from here on
      refuse(form, '');
      show(true);
      $('main').focus();
    } catch (error) {
      refuse(form, error.status ? error.message : text('no_answer'), $('token'));
    } finally {
      submit.disabled = false;
    }
  });
  $('sign-out').addEventListener('click', () => signOut(''));
  chooseLanguage(() => running?.render());
  return signOut;
}

/** What the form says, {token, ids}; null after telling what is not of the right form. */
function fields(form) {
  const ids = {};
  for (const input of form.querySelectorAll('.id')) {
    ids[input.id] = input.value.trim();
    if (!ID.test(ids[input.id])) return refuse(form, text('id_malformed'), input);
  }
  const token = $('token').value.trim();
  return TOKEN.test(token) ? { token, ids } : refuse(form, text('token_malformed'), $('token'));
}

function refuse(form, words, input) {
  $('refusal').textContent = words;
  for (const each of form.querySelectorAll('input')) each.setAttribute('aria-invalid', Boolean(words) && each === input);
  input?.focus();
  return null;
}

function chooseLanguage(render) {
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
