// A viewer's permission {nbf, duration, exp, revision, server_time}, as events and answers of the API tell it.

/** Whether `told` replaces `known`: not by a lower revision; at the same one by the later server_time. */
export function supersedes(told, known) {
  const [newer, older] = [told.revision ?? 0, known?.revision ?? 0];
  if (!known || newer > older) return true;
  return newer === older && told.server_time > known.server_time;
}

/** Milliseconds that are left at `now`, none of them before the permission begins. */
export function remaining({ nbf, exp }, now) {
  return exp ? Math.max(Date.parse(exp) - Math.max(now, startsAt(nbf)), 0) : 0;
}

/** Milliseconds until it begins. */
export function untilStart({ nbf }, now) {
  return Math.max(startsAt(nbf) - now, 0);
}

function startsAt(nbf) {
  return nbf ? Date.parse(nbf) : -Infinity;
}
