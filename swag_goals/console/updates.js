// What keeps a signed-in page right: events as they come, and a refresh after whatever may have been missed.

import { isRefusal } from './api.js';
import { connect } from './live.js';
import { showConnection } from './page.js';
import { everySecond, pollWait, Refresher } from './refresh.js';

/**
 * Keep the page right until `stop()`, which is returned; so is `refreshNow()`.
 * @param {Api} api @param {PageListener} page
 */
export async function keepUpdated(api, { refresh, onAuthorized, tick, signOut }) {
  const refresher = new Refresher(async () => {
    try {
      const wait = await refresh(live);
      showConnection(live.isLive(), live.refusal());
      return live.isLive() ? wait : Math.min(wait, pollWait());
    } catch (error) {
      if (api.isClosed) return 0;
      showConnection(live.isLive() && isRefusal(error), live.refusal());
      if (isRefusal(error, 401)) signOut(error.message);
      return pollWait();
    }
  });
  const refreshNow = () => void refresher.now();
  function onState(/** @type {boolean} */ isLive) {
    showConnection(isLive);
    if (isLive) refreshNow();
    else refresher.soon();
  }
  const live = await connect(api, { onState, onAuthorized });
  onState(false);
  refreshNow();
  const stopTicking = everySecond(tick, () => {
    live.wake();
    refreshNow();
  });
  function stop() {
    stopTicking();
    refresher.stop();
    api.close();
    live.close();
  }
  return { refreshNow, stop };
}
