/** Cookies of sessions: httpOnly, SameSite=Strict, and Secure wherever the market is reached over https. */

export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key = '', ...value] = part.trim().split('=');
    if (key === name) return /^[A-Za-z0-9_-]{1,128}$/.test(value.join('=')) ? value.join('=') : null;
  }
  return null;
}

export function formatCookie(name: string, value: string | null, maxAgeSeconds: number, isSecure: boolean): string {
  const life = value === null ? 0 : maxAgeSeconds;
  return `${name}=${value ?? ''}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${life}${isSecure ? '; Secure' : ''}`;
}
