// The stream, as long as its viewer is let in, and again as soon as they are.

const RETRY = 250; // ms from a refusal to the next try
const FIRST_BYTE = 4000; // ms
const POLICY = {
  default: { maxTimeToFirstByteMs: FIRST_BYTE, maxLoadTimeMs: 20_000, errorRetry: null, timeoutRetry: null },
};

/** The path of a stream on this very site, or '': a ticket goes to no other. @param {string} address */
export function onThisSite(address) {
  const url = new URL(address, location.origin);
  return address.startsWith('/') && url.origin === location.origin ? url.pathname : '';
}

/**
 * Play it in this element. Returns what ends it.
 * @param {HTMLVideoElement} video @param {string} address @param {string} ticket
 */
export async function play(video, address, ticket) {
  // Most of the page's bytes, for those who watch alone.
  const { default: Hls } = await import('./vendor/hls.light.min.mjs');
  const hls = new Hls({
    enableWorker: false, // the page's policy allows none
    liveSyncDurationCount: 2,
    manifestLoadPolicy: POLICY,
    playlistLoadPolicy: POLICY,
    fragLoadPolicy: POLICY,
    // Addresses in a playlist are relative, and lose the query.
    xhrSetup: (xhr, url) => {
      const shown = new URL(url, location.origin);
      shown.searchParams.set('ticket', ticket);
      xhr.open('GET', shown, true);
    },
  });
  let retry = 0;
  // Without a retry of its own every refusal is fatal to hls.js, and may be tried again for ever.
  hls.on(Hls.Events.ERROR, (_name, { fatal, type }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR) return hls.recoverMediaError();
    clearTimeout(retry);
    retry = window.setTimeout(() => (hls.levels.length ? hls.startLoad() : hls.loadSource(address)), RETRY);
  });
  hls.attachMedia(video);
  hls.loadSource(address);
  return () => {
    clearTimeout(retry);
    hls.destroy();
  };
}
