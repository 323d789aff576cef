/**
 * @file The byte alphabet of GPT-2: a visible character for each byte, so that tokens that are parts of characters can
 * stand in JSON and in lists separated by spaces. Bytes that are visible in Latin-1 are themselves, the other 68 are
 * U+0100 and on: a space is Ġ, a line end Ċ.
 * @see https://github.com/openai/gpt-2/blob/master/src/encoder.py, bytes_to_unicode
 */

/** Bytes in the order of their ids in GPT-2's vocabulary: those that are themselves, then the others. */
export const byteOrder: readonly number[] = (() => {
  const visible = (byte: number): boolean =>
    (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte < 0x100 && byte !== 0xad)
  const all = Array.from({ length: 256 }, (_, byte) => byte)
  return [...all.filter(visible), ...all.filter((byte) => !visible(byte))]
})()

/** The first character that stands for a byte that is not itself. */
const OTHERS = 0x100
const VISIBLE = 188

/** The character of each byte. */
export const characterOf: readonly string[] = (() => {
  const found: string[] = []
  byteOrder.forEach((byte, i) => {
    found[byte] = String.fromCharCode(i < VISIBLE ? byte : OTHERS + i - VISIBLE)
  })
  return found
})()

const byteOf = new Map(characterOf.map((character, byte) => [character, byte]))

/** The bytes of a token that is written in the alphabet; undefined if it has another character. */
export function bytesOf(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = byteOf.get(token[i])
    if (byte === undefined) return undefined
    bytes[i] = byte
  }
  return bytes
}
