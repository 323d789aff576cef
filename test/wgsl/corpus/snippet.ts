/** @file What the corpus is made of: small programs by section of the specification, and what is to be said of each. */

export interface Snippet {
  /** `Literals: a number with a leading zero`; no two have the same. */
  readonly name: string
  readonly text: string
  /** Of what is refused: where, and words that any good message has. */
  readonly fault?: { readonly line: number; readonly says: RegExp }
}

/** By what it shows: the text. */
export type Texts = Readonly<Record<string, string>>

/**
 * The snippets of a section.
 * @param taken   programs without fault
 * @param refused  programs with one, whose line ends with `//! ` and what the message must match, whatever its case
 */
export const section = (title: string, taken: Texts, refused: Texts): Snippet[] => [
  ...Object.entries(taken).map(([name, text]) => ({ name: `${title}: ${name}`, text: outdented(text) })),
  ...Object.entries(refused).map(([name, text]) => marked(`${title}: ${name}`, outdented(text))),
]

/** The text without its mark, and what the mark says. */
function marked(name: string, text: string): Snippet {
  const mark = text.match(/ *\/\/! (.+)/)
  if (mark?.index === undefined) throw new Error(`${name}: no line is marked with //!`)
  const line = text.slice(0, mark.index).split('\n').length
  return { name, text: text.replace(mark[0], ''), fault: { line, says: new RegExp(mark[1], 'i') } }
}

/** A text that begins on a line of its own, without that line break and the space before each line. */
function outdented(text: string): string {
  const space = text.match(/^\n( *)/)
  return space ? text.slice(1).replaceAll(new RegExp(`^${space[1]}`, 'gm'), '') : text
}

/** Statements in a function. */
export const inside = (body: string): string => `fn f() { ${body}\n}`

/** Statements in an entry point of 64 threads; the memory is there for what they may want. */
export const kernel = (body: string): string => `
  @group(0) @binding(0) var<storage, read_write> y: array<u32>;
  var<workgroup> w: array<u32, 64>;
  @compute @workgroup_size(64)
  fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  ${body}
  }`
