/** @file The corpus: every snippet, by section of the specification. */
import { builtins } from './builtins.ts'
import { declarations } from './declarations.ts'
import { expressions } from './expressions.ts'
import { features } from './features.ts'
import { functions } from './functions.ts'
import { memory } from './memory.ts'
import type { Snippet } from './snippet.ts'
import { statements } from './statements.ts'
import { text } from './text.ts'
import { types } from './types.ts'

export { unknown } from './features.ts'
export type { Snippet } from './snippet.ts'

export const corpus: readonly Snippet[] = [
  ...text,
  ...declarations,
  ...types,
  ...expressions,
  ...statements,
  ...functions,
  ...builtins,
  ...memory,
  ...features,
]
