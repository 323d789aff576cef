/** @file Text in files, one after the other, and what is wrong with it. */

/** A file, or what stands for one. Several make one module of WGSL: a kernel after the libraries that it uses. */
export interface SourceFile {
  readonly file: string
  readonly text: string
}

/** Where something stands; lines and columns are counted from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Files as one text; a place in it is an offset. */
export class Source {
  readonly files: readonly SourceFile[]
  /** All files, with a line break between them. */
  readonly text: string
  /** For each file where it begins in `text`. */
  private readonly begins: readonly number[]
  /** Where each line of `text` begins; found when first asked for. */
  private lines: number[] | undefined

  constructor(files: readonly SourceFile[]) {
    this.files = files
    this.text = files.map(({ text }) => text).join('\n')
    let begin = 0
    this.begins = files.map(({ text }) => (begin += text.length + 1) - text.length - 1)
  }

  /** The place of an offset. */
  place(at: number): Place {
    this.lines ??= lineStarts(this.text)
    const file = lastAtMost(this.begins, at)
    const line = lastAtMost(this.lines, at)
    const first = lastAtMost(this.lines, this.begins[file])
    return {
      file: this.files[file].file,
      line: line - first + 1,
      column: at - Math.max(this.lines[line], this.begins[file]) + 1,
    }
  }

  /** What is wrong at an offset, to be thrown. */
  error(at: number, what: string, remedy?: string): WgslError {
    return new WgslError(this.place(at), what, remedy)
  }
}

/**
 * What is wrong with a program, and where: `softmax.wgsl:41: p.rows is u32, the other side i32 (write i32(p.rows))`.
 */
export class WgslError extends Error {
  override readonly name = 'WgslError'
  readonly place: Place
  /** What is wrong, with the names and types. */
  readonly what: string
  /** What to do. */
  readonly remedy: string | undefined

  constructor(place: Place, what: string, remedy?: string) {
    const [short, advice] = [shortened(what), remedy && shortened(remedy)]
    super(`${place.file}:${place.line}: ${short}${advice ? ` (${advice})` : ''}`)
    this.place = place
    this.what = short
    this.remedy = advice
  }
}

/** A name may be as long as a program, what is said of it not. */
const shortened = (text: string): string => text.replace(/\S{100,}/g, (word) => `${word.slice(0, 60)}…`)

/**
 * WGSL's line breaks: line feed, vertical tab, form feed, carriage return with or without line feed, and three more.
 */
function lineStarts(text: string): number[] {
  const starts = [0]
  for (const { index, 0: end } of text.matchAll(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/g)) starts.push(index + end.length)
  return starts
}

/** The index of the last element that is at most `x`, in a sorted list that begins at most at x. */
function lastAtMost(sorted: readonly number[], x: number): number {
  let [low, high] = [0, sorted.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (sorted[middle] <= x) low = middle
    else high = middle
  }
  return low
}
