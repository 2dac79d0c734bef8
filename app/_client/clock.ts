/** The browser's one clock: it only shows ages and countdowns, closes the open keys and dates the window of what is signed here. Whether
 *  a quote or an order is still valid is the server's to say. */
export const browserClock = {
  nowMs: (): number => Date.now(),
};
