export {};
declare global {
  const Pusher: typeof import('pusher-js').default;
}
