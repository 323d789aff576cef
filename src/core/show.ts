/** @file How console.log in Node, and JSON, show an object of the engine: by what its toString says. */

/**
 * Show a class's objects as their text. Their fields are the engine's own: hundreds of lines that tell nothing, or
 * values that only seem to be saved.
 */
export function showAsText(of: { readonly prototype: object }): void {
  const value = function (this: object): string {
    return String(this)
  }
  for (const key of ['toJSON', Symbol.for('nodejs.util.inspect.custom')])
    Object.defineProperty(of.prototype, key, { value, configurable: true, writable: true })
}
