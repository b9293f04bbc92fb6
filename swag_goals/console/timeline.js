// A goal's extensions, newest first: requested, applied, notified; retried, rejected and why.

import { element, entry } from './element.js';
import { secondsLong, text, timeOfDay } from './language.js';

/** Whether nothing more will become of the extension by itself. @param {Extension} extension */
export function isSettled({ status, reason }) {
  return status === 'done' || status === 'rejected' || (status === 'applied' && reason !== null);
}

/** Why it was rejected, or its viewers could not be notified. @param {Extension} extension */
export function why({ reason }) {
  return reason ? text(`reason_${reason.code}`, {}, reason.detail) : ''; // a new service may have a new reason
}

/**
 * The extensions as list items; `replayed` holds the ids of those that this page asked for more than once.
 * @param {Extension[]} extensions @param {Set<string>} replayed
 */
export function timeline(extensions, replayed) {
  return extensions.map((extension) => item(extension, replayed.has(extension.id)));
}

/** @param {Extension} extension @param {boolean} isReplayed */
function item(extension, isReplayed) {
  const { id, duration, status, reason, nbf, applied_nbf: appliedNbf, voided_at: voidedAt } = extension;
  const remarks = [
    extension.requested_by && text('by_operator'),
    voidedAt && text('voided', { time: timeOfDay(voidedAt), seconds: takenBack(extension) }),
    isReplayed && text('replayed'),
    status === 'applied' && reason && text('not_notified', { why: why(extension) }),
    status === 'rejected' && text('rejected_because', { why: why(extension) }),
    appliedNbf && appliedNbf !== nbf && text('late', { time: timeOfDay(appliedNbf) }),
  ];
  const stands = voidedAt ? 'voided' : status;
  return entry(
    { status: stands, id, what: text('plus_seconds', { seconds: duration }), chip: text(`status_${stands}`) },
    steps(extension),
    ...remarks.flatMap((remark) => (remark ? element('p', { class: 'remark' }, remark) : [])),
  );
}

/** Of each viewer, where they differ. @param {Extension} extension */
function takenBack({ taken_back: seconds }) {
  return seconds ? [...new Set(Object.values(seconds))].join(' / ') : '?';
}

/** @param {Extension} extension */
function steps({ status, requested_at: requested, applied_at: applied, notified_at: notified }) {
  const list = element('ol', { class: 'steps' }, step('requested', requested, timeOfDay(requested)));
  if (status === 'rejected') return list;
  list.append(step('applied', applied, after(requested, applied)));
  list.append(step('notified', notified, after(requested, notified)));
  return list;
}

/** @param {string} name @param {string?} time @param {string} words */
function step(name, time, words) {
  const when = time ? element('time', { datetime: time }, words) : text('not_yet');
  return element('li', { 'data-reached': Boolean(time) }, element('span', {}, text(name)), ' ', when);
}

/** @param {string} first @param {string?} then */
function after(first, then) {
  return then ? `+${secondsLong(Date.parse(then) - Date.parse(first))}` : '';
}
