/** A report's manifest as its page reads it, and what differs between two of them. */
import { formatCount, formatFen, formatYuan } from '#app/_client/format.ts';

export type Manifest = {
  readonly counts: Readonly<Record<string, string>>;
  readonly completeness: { readonly room: string; readonly first: number | null; readonly last: number | null; readonly count: number };
  readonly files: readonly { readonly name: string; readonly mediaType: string; readonly size: number; readonly sm3: string }[];
};

export const readManifest = ({ manifest }: { readonly manifest: string }): Manifest => JSON.parse(manifest);

const isMoney = (name: string): boolean => name.endsWith('Fen');

/** A figure that one of two versions does not have is none there, not zero. */
export function formatFigure(name: string, value: string | undefined): string {
  if (value === undefined) return '—';
  return isMoney(name) ? formatYuan(value) : formatCount(BigInt(value));
}

type Changed = { readonly name: string; readonly from: string | undefined; readonly to: string | undefined };

export function changedFigures(before: Pick<Manifest, 'counts'>, after: Pick<Manifest, 'counts'>): readonly Changed[] {
  const names = new Set([...Object.keys(before.counts), ...Object.keys(after.counts)]);
  return [...names].map((name) => ({ name, from: before.counts[name], to: after.counts[name] })).filter(({ from, to }) => from !== to);
}

export function changedFiles(before: Pick<Manifest, 'files'>, after: Pick<Manifest, 'files'>): readonly string[] {
  const digests = new Map(before.files.map(({ name, sm3 }) => [name, sm3]));
  const left = before.files.filter(({ name }) => after.files.every((file) => file.name !== name));
  return [...after.files.filter(({ name, sm3 }) => digests.get(name) !== sm3), ...left].map(({ name }) => name);
}

/** With its sign, plus as well. */
export function differenceOf(name: string, from: string | undefined, to: string | undefined): string {
  if (from === undefined || to === undefined) return '—';
  const difference = BigInt(to) - BigInt(from);
  const size = difference < 0n ? -difference : difference;
  return `${difference < 0n ? '−' : '+'}${isMoney(name) ? formatFen(size) : formatCount(size)}`;
}
