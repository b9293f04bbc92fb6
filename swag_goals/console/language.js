// The page's language: `?lang=` where it is given, else the browser's; English for all that is not Chinese
// in traditional characters.

import { messages } from './messages.js';

let current = spoken(new URLSearchParams(location.search).get('lang') ?? navigator.language);

/** Which language a tag such as `zh-TW` means. @param {string} tag @returns {keyof typeof messages} */
function spoken(tag) {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return language === 'zh' && script === 'Hant' ? 'zh-hant' : 'en';
  } catch {
    return 'en';
  }
}

export function language() {
  return current;
}

/** Go on in this language; a reload of the page's address keeps it. @param {keyof typeof messages} tag */
export function speak(tag) {
  current = tag;
  const url = new URL(location.href);
  url.searchParams.set('lang', tag);
  history.replaceState(null, '', url);
}

/**
 * The message in the page's language, each `{name}` in it replaced by that value; `otherwise` where there is none.
 * @param {string} name @param {Record<string, unknown>} values
 */
export function text(name, values = {}, otherwise = name) {
  const words = /** @type {Record<string, string>} */ (messages[current]);
  return (words[name] ?? otherwise).replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** Put the messages into the page's own elements. */
export function localize() {
  document.documentElement.lang = current === 'en' ? 'en' : 'zh-Hant';
  for (const element of document.querySelectorAll('[data-message]')) {
    element.textContent = text(element.getAttribute('data-message') ?? '');
  }
}

/** A time of the API on the wall clock of whoever looks, with its date unless it is today. @param {string} iso */
export function timeOfDay(iso) {
  const time = new Date(iso);
  const isToday = time.toDateString() === new Date().toDateString();
  const dateStyle = isToday ? undefined : 'short';
  return time.toLocaleString(current, { hourCycle: 'h23', timeStyle: 'medium', dateStyle });
}

/** So many milliseconds as seconds, with two digits behind the point while they matter. @param {number} ms */
export function secondsLong(ms) {
  const seconds = (ms / 1000).toLocaleString(current, { maximumFractionDigits: Math.abs(ms) < 10_000 ? 2 : 0 });
  return text('seconds', { seconds });
}

/** Whole seconds as `4:05`, or `1:04:05`. @param {number} seconds */
export function clockFace(seconds) {
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3600);
  if (hours) parts.unshift(hours);
  return parts.map((part, place) => (place ? String(part).padStart(2, '0') : part)).join(':');
}
