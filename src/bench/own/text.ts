/** @file WGSL as text: its comments, its functions, and what a function uses. For any reader's file, of any style. */

/** Comments become spaces, so that lines and columns stay: `//` to the end of a line, and nested blocks. */
export function withoutComments(text: string): string {
  let clean = ''
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const two = text.slice(i, i + 2)
    if (depth === 0 && two === '//') {
      const end = text.indexOf('\n', i)
      const to = end < 0 ? text.length : end
      clean += ' '.repeat(to - i)
      i = to - 1
    } else if (two === '/*' || (depth > 0 && two === '*/')) {
      depth += two === '/*' ? 1 : -1
      clean += '  '
      i++
    } else clean += depth > 0 && text[i] !== '\n' ? ' ' : text[i]
  }
  return clean
}

/** One function of a file. */
export interface Func {
  readonly name: string
  /** With its attributes. */
  readonly text: string
  readonly body: string
  /** An entry point of a compute pipeline. */
  readonly compute: boolean
  /** As the text has it: `64`, `LANES, 1`. Empty where it is none. */
  readonly workgroup: string
}

const FUNCTION = /((?:@\w+(?:\s*\([^@]*?\))?\s*)*)\bfn\s+(\w+)\s*\(/g

/** The functions of a file without comments, in their order. */
export function functionsOf(code: string): Func[] {
  return [...code.matchAll(FUNCTION)].map((match) => {
    const [, attributes, name] = match
    const open = code.indexOf('{', match.index + match[0].length)
    const end = endOf(code, open)
    return {
      name,
      text: code.slice(match.index, end),
      body: code.slice(open, end),
      compute: /@compute\b/.test(attributes),
      workgroup: /@workgroup_size\s*\(([^)]*)\)/.exec(attributes)?.[1].trim() ?? '',
    }
  })
}

/** Behind the brace that closes the one at `open`. */
function endOf(code: string, open: number): number {
  let depth = 0
  for (let i = open; i < code.length; i++) {
    if (code[i] === '{') depth++
    else if (code[i] === '}' && --depth === 0) return i + 1
  }
  return code.length
}

const wordsOf = (text: string): Set<string> => new Set(text.match(/[A-Za-z_]\w*/g) ?? [])

/** A function and those that it calls, in the file's order. */
export function reachedFrom(functions: readonly Func[], name: string): Func[] {
  const reached = new Set<string>([name])
  for (const each of reached) {
    const words = wordsOf(functions.find((one) => one.name === each)?.body ?? '')
    for (const { name: other } of functions) if (words.has(other)) reached.add(other)
  }
  return functions.filter((one) => reached.has(one.name))
}

/** Every name that an entry point uses, by itself or by a function that it calls. */
export function usedBy(functions: readonly Func[], entry: string): Set<string> {
  return wordsOf(
    reachedFrom(functions, entry)
      .map(({ body }) => body)
      .join('\n'),
  )
}

/** The text of an entry point, with the functions of its file that it calls behind it. */
export function sourceFrom(code: string, entry: string): string {
  const reached = reachedFrom(functionsOf(code), entry)
  const own = reached.filter(({ name }) => name === entry)
  return [...own, ...reached.filter(({ name }) => name !== entry)].map(({ text }) => text.trim()).join('\n\n')
}
