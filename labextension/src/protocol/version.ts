/** Version of this extension; a test compares it with the Python package's. */
export const VERSION = '0.1.0';

/** Returns which to update where kernel and extension are of different minor versions. */
export function behind(kernel: string): 'kernel' | 'extension' | null {
  const gap = series(kernel) - series(VERSION);
  return gap < 0 ? 'kernel' : gap > 0 ? 'extension' : null;
}

function series(version: string): number {
  const [major = NaN, minor = NaN] = version.split('.', 2).map(Number);
  return 1000 * major + minor;
}
