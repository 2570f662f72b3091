/**
 * Calls back when this process is asked to end: Ctrl-C, a signal, or the end of the process that started it
 * (the channel to it closes). May call more than once: a terminal's Ctrl-C arrives here directly and through
 * the starter.
 */
export function onStopRequest(callback: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => callback());
  process.on('disconnect', () => callback());
  // The channel only tells of the starter's end: it must not keep a finished command waiting.
  process.channel?.unref();
}
