// What the page uses of hls.js 1.7.4; its own types are as large as all of the page.
export default class Hls {
  static isSupported(): boolean;
  static Events: { ERROR: 'hlsError' };
  static ErrorTypes: { MEDIA_ERROR: 'mediaError' };
  constructor(config: {
    enableWorker: boolean;
    liveSyncDurationCount: number;
    xhrSetup: (xhr: XMLHttpRequest, url: string) => void;
    manifestLoadPolicy: object;
    playlistLoadPolicy: object;
    fragLoadPolicy: object;
  });
  levels: object[];
  attachMedia(video: HTMLVideoElement): void;
  loadSource(address: string): void;
  startLoad(): void;
  recoverMediaError(): void;
  on(event: 'hlsError', listener: (name: string, error: { fatal: boolean; type: string }) => void): void;
  destroy(): void;
}
