/** Bodies that nobody sends by accident. Each is refused before anything reads it as a request, and shows nothing of the inside. */

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const call = (json: string) => `{"json":${json}}`;

export type Hostile = {
  readonly name: string;
  readonly procedure: string;
  readonly body: string | Uint8Array;
  readonly contentType?: string;
  readonly code: string;
};

export const HOSTILE: readonly Hostile[] = [
  { name: 'no JSON', procedure: 'session.signIn', body: '{"json":', code: 'request_malformed' },
  { name: 'a number', procedure: 'session.signIn', body: '5', code: 'input_malformed' },
  { name: 'null', procedure: 'session.signIn', body: call('null'), code: 'input_malformed' },
  { name: 'another content type', procedure: 'session.signIn', body: 'a=b', contentType: 'text/csv', code: 'content_type_unsupported' },
  { name: 'a thousand arrays', procedure: 'session.signIn', body: call(deep(1_000)), code: 'input_malformed' },
  { name: 'three megabytes', procedure: 'session.signIn', body: call(`{"acct":"${'x'.repeat(3_000_000)}"}`), code: 'request_malformed' },
  {
    name: 'five megabytes',
    procedure: 'account.requestCode',
    body: call(`{"phone":"${'1'.repeat(5_000_000)}"}`),
    code: 'request_malformed',
  },
  {
    name: 'keys of the prototype',
    procedure: 'account.requestCode',
    body: call('{"phone":"13900000000","__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}}}'),
    code: 'input_malformed',
  },
  {
    name: 'a superjson path into the prototype',
    procedure: 'account.requestCode',
    body: '{"json":{"phone":"1"},"meta":{"values":{"__proto__.polluted":["Date"]}}}',
    code: 'request_malformed',
  },
  {
    name: 'a NUL in text',
    procedure: 'account.register',
    body: call('{"registrationId":"a\\u0000","displayName":"x","agreementVersion":"1","accountOpen":"00"}'),
    code: 'input_malformed',
  },
  {
    name: 'a NUL in a challenge',
    procedure: 'session.signIn',
    body: call(`{"acct":"${'0'.repeat(64)}","challenge":"\\u0000","issuedAt":"\\u0000","signature":"${'0'.repeat(128)}"}`),
    code: 'input_malformed',
  },
  { name: 'bytes that are no UTF-8', procedure: 'session.signIn', body: new Uint8Array([0xff, 0xfe, 0x00]), code: 'request_malformed' },
  { name: 'a procedure that does not exist', procedure: 'order.steal', body: call('{}'), code: 'procedure_unknown' },
  { name: 'a procedure of the prototype', procedure: '__proto__', body: call('{}'), code: 'procedure_unknown' },
];

/** Reads with input that no page makes. */
export const HOSTILE_READS: readonly (readonly [string, string, string])[] = [
  ['search.list', '{"text":"\\u0000"}', 'input_malformed'],
  ['search.list', '{"cursor":"garbage"}', 'cursor_malformed'],
  ['item.get', '{"itemId":"itm_zz"}', 'item_id_malformed'],
  ['item.get', `{"itemId":"itm_${'0'.repeat(32)}"}`, 'item_unknown'],
  ['itemClass.get', `{"classId":"cls_${'0'.repeat(32)}"}`, 'class_unknown'],
  ['explorer.block', '{"height":9007199254740991}', 'block_unknown'],
  ['explorer.entry', '{"index":9007199254740991}', 'entry_unknown'],
  ['explorer.tx', `{"txId":"${'0'.repeat(64)}"}`, 'tx_unknown'],
  ['money.get', 'null', 'sign_in_required'],
  ['trade.list', '{}', 'sign_in_required'],
  ['supervisor.tiles', '{}', 'staff_sign_in_required'],
];

/** `/ledger/v1` and `/api/v1` by address alone. */
export const ADDRESSES: readonly (readonly [string, string, string])[] = [
  ['GET', '/ledger/v1/tx/zz', 'hex_malformed'],
  ['GET', `/ledger/v1/tx/${'0'.repeat(64)}`, 'tx_unknown'],
  ['GET', '/ledger/v1/item/-1/proof', 'serial_malformed'],
  ['GET', '/ledger/v1/tile/..%2f..%2fkeys', 'tile_path_malformed'],
  ['GET', '/ledger/v1/nothing', 'not_found'],
  ['DELETE', '/ledger/v1/checkpoint', 'method_not_allowed'],
  ['GET', '/ledger/v1/submit', 'method_not_allowed'],
  ['GET', '/api/v1/items/%E0%A4%A', 'route_unknown'],
  ['GET', '/api/v1/items/%00/history', 'route_unknown'],
  ['GET', '/api/v1/nothing', 'route_unknown'],
  ['DELETE', '/api/v1/items', 'method_not_allowed'],
  ['GET', '/api/v1/items', 'key_unknown'],
];
