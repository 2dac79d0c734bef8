import { expect, test } from 'vitest';
import { bundleVerifier } from './build-verifier.ts';

test('the saved verifier is one file of at most 60 KB gzipped that can ask nobody anything', async () => {
  const { html, gzippedBytes } = await bundleVerifier();
  expect(gzippedBytes).toBeLessThanOrEqual(60 * 1024);
  // The policy forbids requests; these would only fail silently and confuse whoever saved the file.
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/https?:\/\/|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\(/);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/(?:src|href)="(?!data:,")/g)).toBeNull();
});
