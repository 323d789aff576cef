/** @file The text of a row as its tokens come: what could begin a stop text is held back until it is known. */
import type { TokenDecoder } from '../tokens/index.ts'

export class RowText {
  /** True once a stop text has appeared. */
  stopped = false
  private readonly decoder: TokenDecoder | null
  private readonly stops: readonly string[]
  private held = ''

  /**
   * @param decoder  holds back what is not a whole character; null: there is no text
   * @param before   the last tokens of the prompt: some tokenizers leave out the space that a text begins with, and
   *   this one does not begin here
   */
  constructor(decoder: TokenDecoder | null, stops: readonly string[], before: readonly number[]) {
    this.decoder = decoder
    this.stops = stops
    for (const id of before) decoder?.push(id)
  }

  /** @returns the text that is certain with this token */
  push(id: number): string {
    return this.take(this.decoder?.push(id) ?? '')
  }

  /** @returns what was held back, as nothing follows */
  end(): string {
    const text = this.stopped ? '' : this.take(this.decoder?.end() ?? '')
    const rest = this.held
    this.held = ''
    return text + rest
  }

  private take(piece: string): string {
    const text = this.held + piece
    const found = this.stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
    this.stopped = found.length > 0
    const certain = this.stopped ? Math.min(...found) : text.length - this.possible(text)
    this.held = this.stopped ? '' : text.slice(certain)
    return text.slice(0, certain)
  }

  /** Characters at the end that are the longest beginning of a stop text. */
  private possible(text: string): number {
    const most = Math.max(0, ...this.stops.map(({ length }) => length - 1))
    for (let n = Math.min(most, text.length); n > 0; n--)
      if (this.stops.some((stop) => stop.startsWith(text.slice(-n)))) return n
    return 0
  }
}
