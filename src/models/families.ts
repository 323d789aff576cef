/** @file All that files are read and written of. */
import type { Family } from './family.ts'
import { gpt2 } from './gpt2.ts'
import { llama } from './llama.ts'

export const families: readonly Family[] = [gpt2, llama]
