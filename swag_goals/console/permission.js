// A viewer's permission as events and answers of the API have it.

/**
 * Whether it replaces the known one: not with a lower revision; at the same one with the later server_time.
 * @param {Snapshot} snapshot @param {Snapshot?} known
 */
export function supersedes(snapshot, known) {
  const [newer, older] = [snapshot.revision ?? 0, known?.revision ?? 0];
  if (!known || newer > older) return true;
  return newer === older && snapshot.server_time > known.server_time;
}

/** Milliseconds that are left at `now`, none before it begins. @param {Permission} permission @param {number} now */
export function remaining({ nbf, exp }, now) {
  return exp ? Math.max(Date.parse(exp) - Math.max(now, startsAt(nbf)), 0) : 0;
}

/** Milliseconds until it begins. @param {Permission} permission @param {number} now */
export function untilStart({ nbf }, now) {
  return Math.max(startsAt(nbf) - now, 0);
}

function startsAt(/** @type {string?} */ nbf) {
  return nbf ? Date.parse(nbf) : -Infinity;
}
