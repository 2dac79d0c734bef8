'use client';
/** Keys of one letter can be switched off (Q-08; WCAG 2.1.4): whoever speaks to the browser, or leans on a key, does nothing by it. */
const KEY = 'daoju_keys';

export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

export function switchKeys(isOn: boolean): void {
  if (isOn) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, 'off');
}
