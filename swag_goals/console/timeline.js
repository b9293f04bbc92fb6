// A goal's extensions, newest first: asked, applied, told; repeated, rejected and why.

import { element, shortId } from './element.js';
import { secondsLong, text, timeOfDay } from './language.js';

/** Whether nothing more will become of the extension by itself. */
export function isSettled({ status, reason }) {
  return status === 'done' || status === 'rejected' || (status === 'applied' && reason !== null);
}

/** Why it was rejected, or its viewers could not be told. */
export function why({ reason }) {
  return text(`reason_${reason.code}`);
}

/** The extensions as list items; `replayed` holds the ids of those that this page asked for more than once. */
export function timeline(extensions, replayed) {
  return extensions.map((extension) => item(extension, replayed.has(extension.id)));
}

function item(extension, isReplayed) {
  const { id, duration, status, reason, nbf, applied_nbf: appliedNbf } = extension;
  const remarks = [
    isReplayed && text('replayed'),
    status === 'applied' && reason && text('untold', { why: why(extension) }),
    status === 'rejected' && text('rejected_because', { why: why(extension) }),
    appliedNbf && appliedNbf !== nbf && text('late', { time: timeOfDay(appliedNbf) }),
  ];
  return element(
    'li',
    { 'data-status': status, 'data-id': id },
    element(
      'p',
      { class: 'summary' },
      element('strong', {}, text('plus_seconds', { seconds: duration })),
      ' ',
      element('span', { class: 'chip' }, text(`status_${status}`)),
      ' ',
      shortId(id),
    ),
    steps(extension),
    ...remarks.filter(Boolean).map((remark) => element('p', { class: 'remark' }, remark)),
  );
}

function steps({ status, requested_at: asked, applied_at: applied, notified_at: told }) {
  const list = element('ol', { class: 'steps' }, step('asked', asked, timeOfDay(asked)));
  if (status === 'rejected') return list;
  list.append(step('applied', applied, after(asked, applied)), step('told', told, after(asked, told)));
  return list;
}

function step(name, time, words) {
  const when = time ? element('time', { datetime: time }, words) : text('not_yet');
  return element('li', { 'data-reached': Boolean(time) }, element('span', {}, text(name)), ' ', when);
}

function after(first, then) {
  return then && `+${secondsLong(Date.parse(then) - Date.parse(first))}`;
}
