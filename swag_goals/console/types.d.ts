// What the page's parts hand to each other, for `make check` and for editors. Browsers never load it.

type Api = import('./api.js').Api;
type Problem = import('./api.js').Problem;
type ServerClock = import('./clock.js').ServerClock;
type Live = Awaited<ReturnType<typeof import('./live.js').connect>>;

interface Permission {
  nbf: string | null;
  duration: number | null;
  exp: string | null;
}

/** A permission as it stood at `server_time`. */
interface Snapshot extends Permission {
  revision: number | null;
  server_time: string;
}

/** The data of `stream.authorized`. */
interface Authorized extends Snapshot {
  session_id: string;
  viewer_id: string;
  extension_id: string;
  nbf: string;
  duration: number;
  exp: string;
}

/** An event on the viewer's page: whether it was taken, and the seconds that it brought. */
interface Received {
  event: Authorized;
  taken: boolean;
  gained: number;
}

/** What is said of an extension: its status for the style sheet, its id, a few words, and how it stands. */
interface Entry {
  status: string;
  id: string;
  what: string;
  chip: string;
}

interface RunningGoal {
  id: string;
  streamer_id: string;
  session_id: string | null;
  viewers: string[];
}

interface Extension {
  id: string;
  status: string;
  duration: number;
  reason: { code: string; detail: string } | null;
  nbf: string;
  requested_at: string;
  applied_nbf: string | null;
  applied_at: string | null;
  notified_at: string | null;
  voided_at: string | null;
  taken_back: Record<string, number> | null;
  requested_by?: 'operator';
}

/** What a goal calls: `asked` after each call of the service's. */
interface GoalListener {
  announce(words: string): void;
  asked(): void;
  signOut(words: string): void;
}

/** What `keepUpdated` calls. */
interface PageListener {
  /** Read all that is shown, have `live` follow its channels; the ms after which it is due again although events come. */
  refresh(live: Live): Promise<number>;
  onAuthorized(event: Authorized): void;
  tick(): void;
  /** The token has ended. */
  signOut(words: string): void;
}
