/** What is signed of a policy replay, by the operator and by every member that ran it again (rulebook 6.8). */
import { concat, fromHex, utf8 } from '#ledger/primitives/bytes.ts';
import { REPLAY_ENGINE } from '#sandbox/replay/body.ts';

export function replayMessage(bodyHash: string): Uint8Array {
  return concat(utf8(`${REPLAY_ENGINE}\n`), fromHex(bodyHash, 32));
}
