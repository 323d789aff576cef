/** @file Bytes as people read them. */

/** In decimal units: 497.79 MB. */
export function bytesText(bytes: number): string {
  const unit = bytes >= 1e9 ? 3 : bytes >= 1e6 ? 2 : bytes >= 1e3 ? 1 : 0
  return unit === 0 ? `${bytes} B` : `${(bytes / 1000 ** unit).toFixed(2)} ${['', 'kB', 'MB', 'GB'][unit]}`
}
