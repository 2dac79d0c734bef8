/** The key of an official who has signed in with a certificate file: open in this page's memory alone, until half an hour of rest, the next
 *  sign-in or a reload. Signatures under acts are made with it (V-01). */
import { browserClock } from '../clock.ts';

type HeldOfficial = { readonly privateKey: Uint8Array; readonly serial: string; readonly certificate: string };
const REST_MS = 30 * 60_000;

let held: (HeldOfficial & { readonly until: number }) | null = null;

export function holdOfficial(official: HeldOfficial): void {
  dropOfficial();
  held = { ...official, until: browserClock.machineMs() + REST_MS };
}

export function dropOfficial(): void {
  held?.privateKey.fill(0);
  held = null;
}

/** Each use begins the half hour anew. */
export function heldOfficial(serial: string): HeldOfficial | null {
  if (held !== null && held.until <= browserClock.machineMs()) dropOfficial();
  if (held?.serial !== serial) return null;
  held = { ...held, until: browserClock.machineMs() + REST_MS };
  return held;
}
