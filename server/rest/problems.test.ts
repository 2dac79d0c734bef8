import { expect, test } from 'vitest';
import { isProblemCode, PROBLEMS, problemDocument } from './problems.ts';

test('each code is explained by a sentence in both languages, and its type leads to its row on the page of problems', () => {
  for (const [code, { status, en, zh }] of Object.entries(PROBLEMS)) {
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(en, code).toMatch(/^[A-Za-z].{10,}\.$/);
    expect(zh, code).toMatch(/\p{Script=Han}.*。$/u);
    if (!isProblemCode(code)) throw new Error(`${code} is no code`);
    expect(problemDocument(code, 't', 'zh')).toMatchObject({ type: `/problems#${code}`, title: zh, code });
    expect(problemDocument(code, 't', 'en').title).toBe(en);
  }
});
