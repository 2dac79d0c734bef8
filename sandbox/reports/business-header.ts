/**
 * The business application header of an ISO 20022 message (head.001.001.02; rulebook 8.1: "envelope for everything"): from whom, to whom,
 * which message, made when. A file beside the message, as the detached signature is: the message stays valid against its own schema.
 */
import type { Instant } from '#ledger/primitives/instant.ts';
import { dateTime, isoId } from './iso-20022.ts';
import { el, writeXml, type XmlNode } from './xml.ts';

export type BusinessHeader = {
  /** Names of organisations, as their own references. */
  readonly from: string;
  readonly to: string;
  readonly messageId: string;
  /** `camt.053.001.10`. */
  readonly definition: string;
  readonly createdAt: Instant;
};

const organisation = (name: string, id: string): XmlNode =>
  el(name, [el('OrgId', [el('Id', [el('OrgId', [el('Othr', [el('Id', isoId(id))])])])])]);

export function writeBusinessHeader({ from, to, messageId, definition, createdAt }: BusinessHeader): string {
  return writeXml(
    el(
      'AppHdr',
      [
        organisation('Fr', from),
        organisation('To', to),
        el('BizMsgIdr', isoId(messageId)),
        el('MsgDefIdr', definition),
        dateTime('CreDt', createdAt),
      ],
      { xmlns: 'urn:iso:std:iso:20022:tech:xsd:head.001.001.02' },
    ),
  );
}
