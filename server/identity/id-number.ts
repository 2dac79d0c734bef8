/** Resident identity numbers (GB 11643-1999): 17 digits, a check character by ISO 7064 MOD 11-2, the birth date in digits 7 to 14. */

export type IdNumber = { readonly text: string; readonly birthDate: string };

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';

/** `null` for anything that is not a number with a right check digit and a date that exists. */
export function readIdNumber(input: string): IdNumber | null {
  const text = input.normalize('NFKC').replaceAll(/\s/g, '').toUpperCase();
  if (!/^[1-9]\d{16}[\dX]$/.test(text)) return null;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(text[place]), 0);
  if (CHECK_CHARACTERS[sum % 11] !== text[17]) return null;
  const birthDate = `${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`;
  const parsed = new Date(`${birthDate}T00:00:00Z`);
  const isDate = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(birthDate);
  return isDate && birthDate >= '1900-01-01' ? { text, birthDate } : null;
}

/** Completed years on a calendar date (rulebook 0.2: the Beijing date). Somebody born on 29 February grows older on 1 March. */
export function completedYears(birthDate: string, onDate: string): number {
  const years = Number(onDate.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return onDate.slice(5) >= birthDate.slice(5) ? years : years - 1;
}
