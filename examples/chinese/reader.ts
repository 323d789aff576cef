/** @file Chinese text as tensors, character by character, and as a vector. */
import { type Device, nn, type Tensor, tensor } from 'handgrad'

/** The characters of a text: by code points, so that none is cut in two. */
export const charactersOf = (text: string): string[] => [...text]

/** Characters as classes from 1 up; 0 is what fills up a line, and what was never seen. */
export function alphabetOf(texts: readonly string[]): Map<string, number> {
  return new Map([...new Set(texts.flatMap(charactersOf))].map((character, i) => [character, i + 1]))
}

/** Texts as rows of `length` classes. */
export function rowsOf(
  texts: readonly string[],
  alphabet: Map<string, number>,
  length: number,
  device: Device,
): Tensor {
  const codes = texts.map((text) => {
    const known = charactersOf(text).map((character) => alphabet.get(character) ?? 0)
    return Array.from({ length }, (_, i) => known[i] ?? 0)
  })
  return tensor(codes, { dtype: 'int32', device })
}

/**
 * A text as a vector: each character is one of `width` numbers, a convolution looks at `taps` in a row, and of each of
 * its features the strongest place counts.
 */
export class Reader extends nn.Module {
  table: nn.Embedding
  look: nn.Conv1d
  constructor(characters: number, width: number, taps: number, options: nn.LayerOptions) {
    super()
    this.table = new nn.Embedding(characters, width, { paddingIdx: 0, ...options })
    this.look = new nn.Conv1d(width, 2 * width, taps, options)
  }
  /** @param x [texts, characters] @returns [texts, 2 · width] */
  forward(x: Tensor): Tensor {
    return this.look.forward(this.table.forward(x).transpose(1, 2)).relu().amax(2)
  }
}
