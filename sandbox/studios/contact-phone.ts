/** A telephone number in China under which an organisation is reached (form of Decree 810, column 联系电话): mobile, of a city, or of a service. */
const FORMS = [/^1[3-9]\d{9}$/, /^0\d{2,3}-?[2-9]\d{6,7}(?:-\d{1,6})?$/, /^[48]00-?\d{3}-?\d{4}$/];

export function isContactPhone(text: string): boolean {
  return FORMS.some((form) => form.test(text));
}

/** For whoever need not call it: the last four digits. */
export function maskPhone(phone: string): string {
  return `****${phone.slice(-'1234'.length)}`;
}
